import { ConfigurationError, EXIT_CODES, InterruptedError, ProgramError } from "../program/errors.ts";
import type { Host } from "../program/host.ts";
import { type LogFormat, Logger } from "./log.ts";
import type { Redactor } from "./redact.ts";
import { writeLine } from "./write_line.ts";

export interface FailureReport {
  readonly host: Pick<Host, "stderr" | "now">;
  readonly format: LogFormat;
  readonly redactor: Redactor;
}

/**
 * Writes a failure to stderr and returns the exit code. For people, `error:` lines say what happened, one each, and `hint:`
 * what to change; for machines there is one JSON object for each problem.
 */
export function reportFailure(error: unknown, { host, format, redactor }: FailureReport): number {
  const { messages, hint, exitCode } = describe(error);
  if (format === "json") {
    const log = new Logger(host, format, redactor);
    for (const message of messages) log.error(message, { hint, exitCode });
  } else {
    for (const message of messages) writeLine(host.stderr, message, redactor, "error: ");
    if (hint !== undefined) writeLine(host.stderr, hint, redactor, "hint: ");
  }
  return exitCode;
}

function describe(
  error: unknown,
): { messages: readonly string[]; hint: string | undefined; exitCode: number } {
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
