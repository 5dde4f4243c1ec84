import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { TimeoutError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/program/log.ts";
import { waitFor } from "../../shared/program/wait.ts";
import type { AwsSession } from "../aws/aws_session.ts";
import { hasEnded } from "../wait/build_progress.ts";
import { withDeadline } from "../wait/deadline.ts";

export interface StopContext {
  readonly host: Host;
  readonly log: Logger;
  readonly session: AwsSession;
}

/** What became of a build that was to be stopped. */
export type StopOutcome =
  | { readonly kind: "ended"; readonly build: KnownBuild }
  /** CodeBuild has accepted that it is to stop, but was not seen to have done so. */
  | { readonly kind: "stopping" }
  | { readonly kind: "running" };

/** How long a stopped build may take to end; a pipeline that was stopped leaves its steps little more time. */
const END_WAIT_MS = 25_000;
const LOOK_MS = 1_500;

/** Stops the build and waits until it has ended. Says what came of it, and never fails: something else has failed. */
export async function stopBuild(context: StopContext, buildId: string): Promise<StopOutcome> {
  const { log, session } = context;
  log.info(`Stopping build ${buildId}`);
  try {
    const stopped = await session.call((codebuild) => codebuild.stopBuild(buildId));
    const build = hasEnded(stopped) ? stopped : await awaitEnd(context, buildId);
    if (build === undefined) {
      log.warning(
        `Build ${buildId} is being stopped, but was not seen to end within ${END_WAIT_MS / 1000} s`,
      );
      return { kind: "stopping" };
    }
    log.info(`Build ${buildId} has ended: ${build.buildStatus}`);
    return { kind: "ended", build };
  } catch (error) {
    log.warning(`Cannot stop build ${buildId}: ${error instanceof Error ? error.message : String(error)}`);
    log.warning(`Stop it by hand if it still runs: aws codebuild stop-build --id ${buildId}`);
    return { kind: "running" };
  }
}

async function awaitEnd({ host, session }: StopContext, buildId: string): Promise<KnownBuild | undefined> {
  const reason = new TimeoutError("The build has taken too long to end");
  const never = new AbortController().signal;
  const outcome = await withDeadline(
    host,
    { ms: END_WAIT_MS, reason, signal: never },
    (signal) =>
      waitFor(host, () => endedBuild(session, buildId, signal), {
        timeoutMs: Infinity,
        intervalMs: () => LOOK_MS,
        signal,
      }),
  ).catch((error) => {
    if (error !== reason) throw error;
  });
  return outcome?.kind === "done" ? outcome.value : undefined;
}

/** The build if it has ended; a look that fails is as good as none. */
async function endedBuild(
  session: AwsSession,
  buildId: string,
  signal: AbortSignal,
): Promise<KnownBuild | undefined> {
  try {
    const { build } = await session.call((codebuild) => codebuild.lookAt(buildId, signal), signal);
    return build !== undefined && hasEnded(build) ? build : undefined;
  } catch (error) {
    if (error instanceof AwsCallError) return undefined;
    throw error;
  }
}
