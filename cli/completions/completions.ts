import { VERSION } from "../../shared/program/version.ts";
import { bash } from "./bash.ts";
import type { CompletedCommand } from "./completed_command.ts";
import { fish } from "./fish.ts";
import { zsh } from "./zsh.ts";

/** The shells whose completions there are. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = typeof SHELLS[number];

/** A script for the shell that completes commands, their flags and files. */
export function completions(shell: Shell, commands: readonly CompletedCommand[]): string {
  const about =
    `# Completion of start-runner ${VERSION} for ${shell}, made by: start-runner completions ${shell}\n`;
  switch (shell) {
    case "bash":
      return about + bash(commands);
    case "zsh":
      return `#compdef start-runner\n${about}${zsh(commands)}`;
    case "fish":
      return about + fish(commands);
  }
}
