import { messageOf } from "../../shared/program/errors.ts";
import { shellWord } from "../../shared/output/shell_word.ts";
import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { hasBeenOnline } from "../wait/build_progress.ts";
import { within } from "../wait/deadline.ts";

export type StopContext = Pick<StartContext, "host" | "log" | "session">;

/** What became of a build that was to be stopped. */
export type StopOutcome =
  | { readonly kind: "ended"; readonly build: KnownBuild }
  /** CodeBuild has accepted that it is to stop, but was not seen to have done so. */
  | { readonly kind: "stopping" }
  | { readonly kind: "running" };

/** How long a stopped build may take to end; a pipeline that was stopped leaves its steps little more time. */
const END_WAIT_MS = 25_000;
const LOOK_MS = 1_500;

/**
 * Stops the build and waits until it has ended. Says what came of it, and never fails: something else has failed. Whoever knows
 * that its runner is online, or that it has none, expects no warning of that; for whom this is all that is to be done, it
 * `rejects` with what keeps the build from being stopped.
 */
export async function stopBuild(
  context: StopContext,
  buildId: string,
  { expected = false, rejects = false }: { readonly expected?: boolean; readonly rejects?: boolean } = {},
): Promise<StopOutcome> {
  const { host, log, session } = context;
  log.info(`Stopping build ${buildId}`);
  try {
    const stopped = await session.call((codebuild) => codebuild.stopBuild(buildId));
    const looks = within(host, END_WAIT_MS, (signal) => ended(context, stopped, signal));
    const build = await looks.catch((error) => unseen(context, buildId, error));
    if (build === "unseen") return { kind: "stopping" };
    // Between the look before and StopBuild there is a moment that nobody can rule out.
    if (!expected && hasBeenOnline(build ?? stopped)) {
      log.warning(
        `Build ${buildId} was stopped just as its runner had come online; a step that it had got is cut off`,
      );
    }
    if (build === undefined) {
      log.warning(
        `Build ${buildId} is being stopped, but was not seen to end within ${END_WAIT_MS / 1000} s`,
      );
      return { kind: "stopping" };
    }
    log.info(`Build ${buildId} has ended: ${build.buildStatus}`);
    return { kind: "ended", build };
  } catch (error) {
    if (rejects) throw error;
    log.warning(`Cannot stop build ${buildId}: ${messageOf(error)}`);
    log.warning(`Stop it by hand if it still runs: aws codebuild stop-build --id ${shellWord(buildId)}`);
    return { kind: "running" };
  }
}

/** Nobody can see how a build ends whose looks are refused, so nobody waits for it. */
function unseen({ log }: StopContext, buildId: string, error: unknown): "unseen" {
  if (!(error instanceof AwsCallError) || error.call !== "BatchGetBuilds") throw error;
  log.warning(`Build ${buildId} is being stopped; whether it has ended cannot be seen`);
  return "unseen";
}

/** The build once it has ended; a look that fails is as good as none. Rejects where AWS refuses looks. */
async function ended(
  { host, session }: StopContext,
  stopped: KnownBuild,
  signal: AbortSignal,
): Promise<KnownBuild> {
  let build = stopped;
  while (!hasEnded(build)) {
    await host.sleep(LOOK_MS, signal);
    try {
      build = (await session.call((codebuild) => codebuild.lookAt(build.id, signal), signal)).build ?? build;
    } catch (error) {
      if (!(error instanceof AwsCallError) || error.kind === "refused") throw error;
    }
  }
  return build;
}
