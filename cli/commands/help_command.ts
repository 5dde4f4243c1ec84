import { closestWord } from "../../shared/settings/closest_word.ts";
import { shortened } from "../../shared/output/plain_text.ts";
import { writePage } from "../../shared/output/write_line.ts";
import { EXIT_CODES } from "../../shared/program/errors.ts";
import { commandHelp, overview, startHelp } from "../options/help.ts";
import { type Command, type CommandTable, refuseProblems } from "./command.ts";

/** Shows the help of the program, or of one command. */
export const helpCommand: Command = {
  name: "help",
  operands: [{ name: "COMMAND", help: "the command to explain", required: false }],
  options: {},
  about: "Explains start-runner, or one of its commands.",
  async run(line, { host, commands }) {
    const [name] = line.operands;
    refuseProblems([...line.problems, ...unknownCommand(name, commands)], "help");
    writePage(host.stdout, await helpOf(commands, name));
    return EXIT_CODES.ok;
  },
};

/** The help of a command by its name, or of the whole program. */
export async function helpOf(commands: CommandTable, name?: string): Promise<string> {
  if (name === "start") return startHelp();
  const entry = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  return entry === undefined ? overview(commands) : commandHelp(await entry.load());
}

/** What is wrong with a command's name, as a list of none or one. */
export function unknownCommand(name: string | undefined, commands: CommandTable): string[] {
  if (name === undefined || Object.hasOwn(commands, name)) return [];
  const known = Object.keys(commands);
  const meant = closestWord(name, known);
  const advice = meant === undefined ? `the commands are ${known.join(", ")}` : `did you mean ${meant}?`;
  return [`There is no command «${shortened(name)}»: ${advice}`];
}
