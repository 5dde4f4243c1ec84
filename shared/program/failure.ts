import { ConfigurationError, EXIT_CODES, InterruptedError, ProgramError } from "./errors.ts";

/** What a failure looks like to the reader: `error:` lines say what happened, `hint:` what to change. */
export function failureLines(error: unknown): string[] {
  if (error instanceof ConfigurationError) {
    return [...error.problems.map((problem) => `error: ${problem}`), ...hintLines(error.hint)];
  }
  if (error instanceof ProgramError) return [`error: ${error.message}`, ...hintLines(error.hint)];
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return [
    `error: Unexpected failure: ${text}`,
    ...hintLines("This is a defect of the program; please report it with the lines above"),
  ];
}

/** The exit code that belongs to a failure. */
export function failureExitCode(error: unknown): number {
  return error instanceof ProgramError ? error.exitCode : EXIT_CODES.failed;
}

/** The interruption that caused an error, if one did. */
export function interruptionIn(error: unknown, signal: AbortSignal): InterruptedError | undefined {
  if (error instanceof InterruptedError) return error;
  return signal.aborted && signal.reason instanceof InterruptedError ? signal.reason : undefined;
}

function hintLines(hint: string | undefined): string[] {
  return hint === undefined ? [] : [`hint: ${hint}`];
}
