import { ConfigurationError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import type { LogFormat, Logger } from "../../shared/output/log.ts";
import type { CommandLine, CommandWords } from "../options/command_line.ts";

/** All commands by name, in the order in which the help lists them. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;

export interface CommandEntry {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Loaded when it is called: the way to StartBuild is short. */
  readonly load: () => Promise<Command>;
}

/** What a command is run with beside its arguments. */
export interface CommandContext {
  readonly host: Host;
  readonly log: Logger;
  readonly format: LogFormat;
  readonly commands: CommandTable;
  /** Aborts with `InterruptedError` when somebody wants the program to end. */
  readonly signal: AbortSignal;
}

/** One command of start-runner: what may be typed after its name, what its help says, and what it does. */
export interface Command extends CommandWords {
  /** What it does and when to use it, above the options in its help. */
  readonly about: string;
  /** Below the options: examples, exit codes of its own. */
  readonly more?: string;
  /** Does it, and answers with the exit code. Rejects with `ProgramError`. */
  run(line: CommandLine, context: CommandContext): number | Promise<number>;
}

/** Rejects a configuration that has problems, with all of them. */
export function refuseProblems(problems: readonly string[], command = "start"): void {
  if (problems.length === 0) return;
  const hint = command === "help"
    ? "start-runner help lists the commands"
    : `start-runner ${command} --help lists every option and variable`;
  throw new ConfigurationError(problems, { hint });
}
