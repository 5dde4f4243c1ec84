import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import type { Logger } from "../../shared/output/log.ts";
import { interruptionIn } from "../../shared/output/failure.ts";
import { CredentialsError, EXIT_CODES, ProgramError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import { AwsSession } from "../aws/aws_session.ts";
import { awsFailure } from "../aws/hints.ts";
import type { AccessConfig } from "../options/access_config.ts";

/** What the commands that look at a project's builds work with. */
export interface Project<C extends AccessConfig = AccessConfig> {
  readonly host: Host;
  readonly log: Logger;
  readonly config: C;
  readonly session: AwsSession;
  /** Aborts with `InterruptedError` when somebody wants the program to end. */
  readonly signal: AbortSignal;
}

/** Does something with a project. What AWS refuses ends it with exit code 3, what it does not answer with 1. */
export async function withProject<C extends AccessConfig, T>(
  given: Omit<Project<C>, "session">,
  run: (project: Project<C>) => Promise<T>,
): Promise<T> {
  const { config, signal } = given;
  try {
    return await run({ ...given, session: new AwsSession(given) });
  } catch (error) {
    const interruption = interruptionIn(error, signal);
    if (interruption !== undefined) throw interruption;
    throw error instanceof AwsCallError ? lookFailure(error, config) : error;
  }
}

/** No build was to be started, so a call that failed says nothing about one. */
function lookFailure(error: AwsCallError, config: AccessConfig): ProgramError {
  const failure = awsFailure(error, config);
  if (failure instanceof CredentialsError) return failure;
  const hint = error.kind === "invalid" || error.kind === "not found"
    ? `check --project and --region, and the build's id: is there a project «${config.project}» in ${config.region}?`
    : failure.hint;
  return new ProgramError(failure.message, EXIT_CODES.failed, { hint, cause: error });
}
