import { ConfigurationError, EXIT_CODES } from "../shared/program/errors.ts";
import { reportFailure } from "../shared/output/failure.ts";
import type { Host } from "../shared/program/host.ts";
import { type LogFormat, Logger } from "../shared/output/log.ts";
import { versionLine } from "../shared/program/version.ts";
import { writeLine, writeObject, writePage } from "../shared/output/write_line.ts";
import { redactorFor } from "../shared/settings/known_secrets.ts";
import { buildspec } from "./request/buildspec.ts";
import type { CommandLine } from "./options/command_line.ts";
import { startOptions, startSettings } from "./options/options.ts";
import { type OnlineRunner, start } from "./commands/start.ts";
import { buildspecConfig, startConfig } from "./options/start_config.ts";

/** Runs start-runner: arguments and machine in, exit code out. */
export async function runProgram(args: readonly string[], host: Host, signal: AbortSignal): Promise<number> {
  const redactor = redactorFor(startSettings, host.env);
  const line = args.length === 0 ? NOTHING_TYPED : await readArguments(args);
  const format = logFormat(line, host.env);
  const log = new Logger(host, format, redactor);
  try {
    await runCommand(line, { host, log, format, signal });
    return EXIT_CODES.ok;
  } catch (error) {
    return reportFailure(error, { host, format, redactor });
  }
}

/** Variables alone set most pipelines up; a fifth of the time until StartBuild goes into loading commander. */
const NOTHING_TYPED: CommandLine = { wants: "start", flags: {}, problems: [] };

async function readArguments(args: readonly string[]): Promise<CommandLine> {
  const { parseCommandLine } = await import("./options/command_line.ts");
  return parseCommandLine(startOptions, args);
}

interface CommandContext {
  readonly host: Host;
  readonly log: Logger;
  readonly format: LogFormat;
  readonly signal: AbortSignal;
}

async function runCommand(line: CommandLine, { host, log, format, signal }: CommandContext): Promise<void> {
  switch (line.wants) {
    case "help": {
      const { helpText } = await import("./options/help.ts");
      return writePage(host.stdout, helpText());
    }
    case "version":
      return writePage(host.stdout, `${versionLine("start-runner")}\n`);
    case "buildspec": {
      const { config, problems } = buildspecConfig(line.flags, host.env);
      refuse([...line.problems, ...problems]);
      return writePage(host.stdout, buildspec(config));
    }
    case "start": {
      const { config, problems } = startConfig(line.flags, host.env);
      refuse([...line.problems, ...problems]);
      return writeResult(await start({ host, log, config, signal }), { host, log, format });
    }
  }
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) {
    throw new ConfigurationError(problems, { hint: "start-runner --help lists every option and variable" });
  }
}

function writeResult(
  { runner, build }: OnlineRunner,
  { host, log, format }: Pick<CommandContext, "host" | "log" | "format">,
): void {
  if (format === "json") return writeObject(host.stdout, { runner, build }, log.redactor);
  writeLine(host.stdout, runner, log.redactor, "Runner online: ");
  writeLine(host.stdout, build, log.redactor, "Build: ");
}

/** Problems are reported before all options are read, so the format is looked up on its own. */
function logFormat(line: CommandLine, env: Readonly<Record<string, string>>): LogFormat {
  return (line.flags["logFormat"] ?? env["LOG_FORMAT"]) === "json" ? "json" : "text";
}
