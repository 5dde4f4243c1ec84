import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { TimeoutError } from "../../shared/program/errors.ts";
import type { StartContext } from "../aws/aws_session.ts";

/**
 * Keeps the role's session alive while a build is waited for. Rejects with `TimeoutError` where that comes to an end: then there
 * are some minutes left in which the build can be stopped.
 */
export async function keepSession(
  { session, log, signal }: Pick<StartContext, "session" | "log" | "signal">,
  buildId: string,
): Promise<void> {
  try {
    await session.keepAlive(signal);
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    if (error.kind === "unavailable" || error.kind === "throttled") {
      log.warning(`${error.message}; trying again while the role's session lasts`);
      return;
    }
    throw new TimeoutError(
      `Cannot wait for build ${buildId} any longer, since the role's session ends in minutes: ${error.message}`,
      {
        hint:
          "the step's OIDC token gets no further session: set --queued-timeout to the minutes that the build may queue, and " +
          "raise the role's maximum session duration, so that one session lasts for all of it",
        cause: error,
      },
    );
  }
}
