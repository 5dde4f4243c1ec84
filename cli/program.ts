import { EXIT_CODES } from "../shared/program/errors.ts";
import { reportFailure } from "../shared/output/failure.ts";
import type { Host } from "../shared/program/host.ts";
import { type LogFormat, Logger } from "../shared/output/log.ts";
import { valueOr } from "../shared/program/value_or.ts";
import { versionLine } from "../shared/program/version.ts";
import { writePage } from "../shared/output/write_line.ts";
import { redactorFor } from "../shared/settings/known_secrets.ts";
import { yesOrNo } from "../shared/settings/parse_value.ts";
import type { CommandLine } from "./options/command_line.ts";
import { startSettings } from "./options/options.ts";
import { COMMANDS } from "./commands/commands.ts";
import type { TypedCommand } from "./read_arguments.ts";
import { startCommand } from "./commands/start_command.ts";

/** Runs start-runner: arguments and machine in, exit code out. */
export async function runProgram(args: readonly string[], host: Host, signal: AbortSignal): Promise<number> {
  const redactor = redactorFor(startSettings, host.env);
  let format = logFormat({}, host.env);
  try {
    const { command, line, name } = isPlainStart(args) ? PLAIN_START : await readCommand(args);
    format = logFormat(line.flags, host.env);
    if (line.wants === "help") return await showHelp(host, name);
    if (line.wants === "version") return showVersion(host);
    const log = new Logger(host, format, redactor, { verbose: isVerbose(line.flags, host.env) });
    return await command.run(line, { host, log, format, signal, commands: COMMANDS });
  } catch (error) {
    return reportFailure(error, { host, format, redactor });
  }
}

/** Variables alone set most pipelines up; a fifth of the time until StartBuild goes into loading commander. */
function isPlainStart(args: readonly string[]): boolean {
  return args.length === 0 || (args.length === 1 && args[0] === startCommand.name);
}

const PLAIN_START: TypedCommand = {
  command: startCommand,
  line: { wants: "run", flags: {}, operands: [], problems: [] },
};

async function readCommand(args: readonly string[]): Promise<TypedCommand> {
  const { readArguments } = await import("./read_arguments.ts");
  return await readArguments(args, COMMANDS);
}

async function showHelp(host: Host, command: string | undefined): Promise<number> {
  const { helpOf } = await import("./commands/help_command.ts");
  writePage(host.stdout, await helpOf(COMMANDS, command));
  return EXIT_CODES.ok;
}

function showVersion(host: Host): number {
  writePage(host.stdout, `${versionLine("start-runner")}\n`);
  return EXIT_CODES.ok;
}

/** Problems are reported before all options are read, so the format is looked up on its own. */
function logFormat(flags: CommandLine["flags"], env: Readonly<Record<string, string>>): LogFormat {
  return (flags["logFormat"] ?? env["LOG_FORMAT"]) === "json" ? "json" : "text";
}

/** One that cannot be used is reported with the other options, by whichever command has it. */
function isVerbose(flags: CommandLine["flags"], env: Readonly<Record<string, string>>): boolean {
  return valueOr(false, () => yesOrNo(flags["verbose"] ?? env["RUNNER_VERBOSE"] ?? "no"));
}
