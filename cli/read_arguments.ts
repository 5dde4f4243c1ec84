import { type CommandLine, parseCommandLine } from "./options/command_line.ts";
import { type Command, type CommandTable, refuseProblems } from "./commands/command.ts";
import { unknownCommand } from "./commands/help_command.ts";
import { startCommand } from "./commands/start_command.ts";

/** A command, and what was typed after its name. */
export interface TypedCommand {
  readonly command: Command;
  readonly line: CommandLine;
  /** The command's name as it was typed; a start can do without. */
  readonly name?: string;
}

/** Finds out which command was typed, and with what. Flags of a start may stand before a command that takes them too. */
export async function readArguments(args: readonly string[], commands: CommandTable): Promise<TypedCommand> {
  const [first = ""] = args;
  const started = parseCommandLine(startCommand, args);
  const name = first.startsWith("-") ? started.operands[0] : first;
  if (name === undefined) return { command: startCommand, line: started };
  const rest = args.toSpliced(args.indexOf(name), 1);
  const unknown = unknownCommand(name, commands);
  if (unknown.length > 0) {
    refuseProblems([...unknown, ...parseCommandLine(startCommand, rest).problems], "help");
  }
  const command = await commands[name]?.load() ?? startCommand;
  return { command, line: parseCommandLine(command, rest), name };
}
