import { writePage } from "../../shared/output/write_line.ts";
import { EXIT_CODES } from "../../shared/program/errors.ts";
import type { CompletedCommand } from "../completions/completed_command.ts";
import { completions, type Shell, SHELLS } from "../completions/completions.ts";
import { type Command, type CommandTable, refuseProblems } from "./command.ts";

/** Prints a script that lets a shell complete start-runner's commands and flags. */
export const completionsCommand: Command = {
  name: "completions",
  operands: [{ name: "SHELL", help: SHELLS.join(", "), required: true }],
  options: {},
  about: "Prints a script by which a shell completes the commands and flags of start-runner.",
  more: `Examples:
  source <(start-runner completions bash)
  start-runner completions zsh > ~/.zfunc/_start-runner
  start-runner completions fish > ~/.config/fish/completions/start-runner.fish
`,
  async run(line, { host, commands }) {
    const [word = ""] = line.operands;
    const shell = SHELLS.find((one) => one === word);
    refuseProblems([...line.problems, ...shellProblem(word, shell)], "completions");
    if (shell !== undefined) writePage(host.stdout, completions(shell, await completed(commands)));
    return EXIT_CODES.ok;
  },
};

function shellProblem(word: string, shell: Shell | undefined): string[] {
  if (word === "" || shell !== undefined) return [];
  return [`Cannot use «${word}» as SHELL: it takes ${SHELLS.join(", ")}`];
}

async function completed(commands: CommandTable): Promise<CompletedCommand[]> {
  const names = Object.keys(commands);
  return await Promise.all(
    Object.entries(commands).map(async ([name, { summary, load }]) => {
      const { options } = await load();
      return { name, summary, options, words: WORDS[name]?.(names) ?? [] };
    }),
  );
}

/** What stands after a command where that is one of a few words. */
const WORDS: Readonly<Record<string, (commands: readonly string[]) => readonly string[]>> = {
  help: (commands) => commands,
  completions: () => SHELLS,
  logs: () => ["last"],
  stop: () => ["last"],
};
