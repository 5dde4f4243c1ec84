import { ConfigurationError, EXIT_CODES, InterruptedError, ProgramError } from "./errors.ts";
import type { Host } from "./host.ts";
import { type LogFormat, Logger } from "./log.ts";
import type { Redactor } from "./redact.ts";

export interface FailureReport {
  readonly host: Pick<Host, "stderr" | "now">;
  readonly format: LogFormat;
  readonly redactor: Redactor;
}

/** Writes a failure to stderr, for people or as one JSON object for each problem, and returns the exit code. */
export function reportFailure(error: unknown, { host, format, redactor }: FailureReport): number {
  const { messages, hint, exitCode } = describe(error);
  if (format === "json") {
    const log = new Logger(host, format, redactor);
    for (const message of messages) log.error(message, { hint, exitCode });
  } else {
    for (const line of failureLines(error)) host.stderr.write(`${redactor.redact(line)}\n`);
  }
  return exitCode;
}

/** What a failure looks like to the reader: `error:` lines say what happened, `hint:` what to change. */
export function failureLines(error: unknown): string[] {
  const { messages, hint } = describe(error);
  return [
    ...messages.map((message) => `error: ${message}`),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ];
}

interface Failure {
  readonly messages: readonly string[];
  readonly hint: string | undefined;
  readonly exitCode: number;
}

function describe(error: unknown): Failure {
  if (error instanceof ProgramError) {
    const messages = error instanceof ConfigurationError ? error.problems : [error.message];
    return { messages, hint: error.hint, exitCode: error.exitCode };
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    messages: [`Unexpected failure: ${text}`],
    hint: "This is a defect of the program; please report it with the lines above",
    exitCode: EXIT_CODES.failed,
  };
}

/** The interruption that caused an error, if one did. */
export function interruptionIn(error: unknown, signal: AbortSignal): InterruptedError | undefined {
  if (error instanceof InterruptedError) return error;
  return signal.aborted && signal.reason instanceof InterruptedError ? signal.reason : undefined;
}
