import { ConfigurationError, EXIT_CODES } from "../shared/program/errors.ts";
import { reportFailure } from "../shared/program/failure.ts";
import type { Host } from "../shared/program/host.ts";
import { type LogFormat, Logger } from "../shared/program/log.ts";
import { Redactor } from "../shared/program/redact.ts";
import { versionLine } from "../shared/program/version.ts";
import { buildspec } from "./request/buildspec.ts";
import type { CommandLine } from "./options/command_line.ts";
import { startOptions } from "./options/options.ts";
import { type OnlineRunner, start } from "./commands/start.ts";
import { buildspecConfig, startConfig } from "./options/start_config.ts";

/** Runs start-runner: arguments and machine in, exit code out. */
export async function runProgram(args: readonly string[], host: Host, signal: AbortSignal): Promise<number> {
  const redactor = redactorFor(host.env);
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
      return host.stdout.write(helpText());
    }
    case "version":
      return host.stdout.write(`${versionLine("start-runner")}\n`);
    case "buildspec": {
      const { config, problems } = buildspecConfig(line.flags, host.env);
      refuse([...line.problems, ...problems]);
      return host.stdout.write(buildspec(config));
    }
    case "start": {
      const { config, problems } = startConfig(line.flags, host.env);
      refuse([...line.problems, ...problems]);
      const online = await start({ host, log, config, signal });
      return host.stdout.write(resultText(online, format));
    }
  }
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) {
    throw new ConfigurationError(problems, { hint: "start-runner --help lists every option and variable" });
  }
}

function resultText({ runner, build }: OnlineRunner, format: LogFormat): string {
  if (format === "json") return `${JSON.stringify({ runner, build })}\n`;
  return `Runner online: ${runner}\nBuild: ${build}\n`;
}

/** Problems are reported before all options are read, so the format is looked up on its own. */
function logFormat(line: CommandLine, env: Readonly<Record<string, string>>): LogFormat {
  return (line.flags["logFormat"] ?? env["LOG_FORMAT"]) === "json" ? "json" : "text";
}

function redactorFor(env: Readonly<Record<string, string>>): Redactor {
  const redactor = new Redactor();
  const secrets = [
    "BITBUCKET_STEP_OIDC_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "BITBUCKET_OAUTH_CLIENT_SECRET",
    "BITBUCKET_ACCESS_TOKEN",
    "BITBUCKET_API_TOKEN",
  ];
  for (const name of secrets) redactor.add(env[name]);
  return redactor;
}
