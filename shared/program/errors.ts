/** Exit codes of both programs, in one place; README's table is held against it by a test. */
export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  configuration: 2,
  credentials: 3,
  notStarted: 4,
  buildEnded: 5,
  timeout: 6,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

export interface FailureOptions {
  /** What the reader can change so that it works next time. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** A failure the programs foresee: it knows its exit code, and usually what would mend it. */
export class ProgramError extends Error {
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(message: string, exitCode: number, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.exitCode = exitCode;
    this.hint = options.hint;
  }
}

/** Options or variables that cannot be used; carries all problems, since they are reported together. */
export class ConfigurationError extends ProgramError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options: FailureOptions = {}) {
    super(problems.join("\n"), EXIT_CODES.configuration, options);
    this.problems = problems;
  }
}

/** AWS or Bitbucket refused who we are or what we may do. */
export class CredentialsError extends ProgramError {
  constructor(message: string, options: FailureOptions = {}) {
    super(message, EXIT_CODES.credentials, options);
  }
}

/** CodeBuild did not accept the build. */
export class BuildNotStartedError extends ProgramError {
  constructor(message: string, options: FailureOptions = {}) {
    super(message, EXIT_CODES.notStarted, options);
  }
}

/** The build was over before its runner was online. */
export class BuildEndedError extends ProgramError {
  constructor(message: string, options: FailureOptions = {}) {
    super(message, EXIT_CODES.buildEnded, options);
  }
}

/** Something took longer than it may. */
export class TimeoutError extends ProgramError {
  constructor(message: string, options: FailureOptions = {}) {
    super(message, EXIT_CODES.timeout, options);
  }
}

/** The runner, Java, Docker or the machine did not do what it should. */
export class RunnerError extends ProgramError {
  constructor(message: string, options: FailureOptions = {}) {
    super(message, EXIT_CODES.failed, options);
  }
}

/** Somebody sent SIGINT or SIGTERM; used as the reason of the program's abort signal. */
export class InterruptedError extends ProgramError {
  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`Interrupted by ${signal}`, EXIT_CODES[signal]);
  }
}

/** A call to a platform's API that did not succeed; `call` is its name, such as «StartBuild» or «create runner». */
export class ApiError extends ProgramError {
  readonly call: string;
  /** HTTP status, or undefined when there was no usable answer at all. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;

  constructor(
    message: string,
    details: { call: string; status?: number | undefined; requestId?: string | undefined },
    options?: FailureOptions,
  ) {
    super(message, EXIT_CODES.failed, options);
    this.call = details.call;
    this.status = details.status;
    this.requestId = details.requestId;
  }
}

/** What a thrown value says, which need not be an Error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
