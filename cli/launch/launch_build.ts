import type { KnownBuild, StartBuildInput } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { backoffMs } from "../../shared/program/backoff.ts";
import { BuildNotStartedError } from "../../shared/program/errors.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import { idempotencyToken } from "../request/build_request.ts";
import { CAPACITY_HINT, THROTTLED_HINT } from "../aws/capacity_hints.ts";
import type { Heartbeat } from "../progress/heartbeat.ts";

export interface Launch extends Omit<StartContext, "config"> {
  readonly config: Pick<
    StartContext["config"],
    "project" | "capacityTimeoutS" | "pipelineUuid" | "stepUuid" | "stepRun"
  >;
  /** Without its idempotency token. */
  readonly request: StartBuildInput;
  /** Where other builds are started beside it. */
  readonly beside?: LaunchBeside | undefined;
}

/** What builds share that are started side by side. */
export interface LaunchBeside {
  /** When the first of them was asked for, on the monotonic clock: that is when the capacity timeout begins. */
  readonly begunMs: number;
  /** Lets them wait for room one after the other. */
  readonly inTurn: <T>(run: () => Promise<T>) => Promise<T>;
  readonly heartbeat: Pick<Heartbeat, "waitsFor">;
}

/** A step that was run this often within the five minutes for which CodeBuild knows a token does something else. */
const MOST_REPLAYS = 5;
const CAPACITY_BACKOFF = { firstMs: 5_000, longestMs: 60_000 };

/**
 * Starts the build, and answers with one that is not over yet. The signal ends the waits between two requests,
 * never a request itself: only its answer tells which build has to be stopped.
 */
export async function launchBuild(launch: Launch): Promise<KnownBuild> {
  const { config, log, host, request } = launch;
  const salt = host.random();
  for (let attempt = 1; attempt <= MOST_REPLAYS; attempt++) {
    const token = idempotencyToken(config, request, { attempt, salt });
    const build = await startWithinCapacity(launch, { ...request, idempotencyToken: token });
    if (!hasEnded(build)) return build;
    log.info(`Build ${build.id} is of an earlier try of this step and has ended; starting another`);
  }
  throw new BuildNotStartedError(
    `Cannot start a build: CodeBuild gave back an ended build ${MOST_REPLAYS} times`,
    { hint: "run the step again in five minutes, when CodeBuild has forgotten the earlier tries" },
  );
}

async function startWithinCapacity(launch: Launch, input: StartBuildInput): Promise<KnownBuild> {
  const begunMs = launch.beside?.begunMs ?? launch.host.monotonicMs();
  const outcome = await tryStart(launch, input);
  if (!(outcome instanceof AwsCallError)) return outcome;
  const retry = () => retryWithinCapacity(launch, input, { begunMs, refusal: outcome });
  return await (launch.beside === undefined ? retry() : launch.beside.inTurn(retry));
}

async function retryWithinCapacity(
  launch: Launch,
  input: StartBuildInput,
  { begunMs, refusal }: { readonly begunMs: number; readonly refusal: AwsCallError },
): Promise<KnownBuild> {
  const { config, host, log, signal } = launch;
  const deadline = begunMs + config.capacityTimeoutS * 1000;
  let outcome: KnownBuild | AwsCallError = refusal;
  for (let attempt = 1; outcome instanceof AwsCallError; attempt++) {
    signal.throwIfAborted();
    const throttled = outcome.kind === "throttled";
    const leftMs = deadline - host.monotonicMs();
    if (leftMs <= 0) {
      throw new BuildNotStartedError(
        `Cannot start a build within ${config.capacityTimeoutS} s: ${outcome.message}`,
        { hint: throttled ? THROTTLED_HINT : CAPACITY_HINT, cause: outcome },
      );
    }
    const delayMs = Math.min(backoffMs(CAPACITY_BACKOFF, attempt, host.random()), leftMs);
    const what = throttled ? "Throttled by CodeBuild:" : "At a concurrent-build limit:";
    const pause = `retrying in ${Math.ceil(delayMs / 1000)} s`;
    log.info(`${what} ${outcome.message}; attempt ${attempt}, ${pause}`);
    await pauseTelling(launch, { delayMs, begunMs, throttled });
    outcome = await tryStart(launch, input);
  }
  return outcome;
}

async function pauseTelling(
  { host, log, signal, beside }: Launch,
  { delayMs, begunMs, throttled }: {
    readonly delayMs: number;
    readonly begunMs: number;
    readonly throttled: boolean;
  },
): Promise<void> {
  const pause = async (heartbeat: Pick<Heartbeat, "waitsFor">) => {
    heartbeat.waitsFor("StartBuild", throttled ? "throttled" : "at the concurrent-build limit", begunMs);
    await host.sleep(delayMs, signal);
  };
  if (beside !== undefined) return await pause(beside.heartbeat);
  const { withHeartbeat } = await import("../progress/heartbeat.ts");
  await withHeartbeat({ host, log }, pause);
}

/** The build, or the failure if it is one that passes by itself: when other builds end, or others call less often. */
async function tryStart(
  { session, config, host, log, signal }: Launch,
  input: StartBuildInput,
): Promise<KnownBuild | AwsCallError> {
  signal.throwIfAborted();
  const startedMs = host.now();
  try {
    return await session.call((codebuild) => codebuild.startBuild(input));
  } catch (error) {
    if (!(error instanceof AwsCallError) || error.call !== "StartBuild") throw error;
    if (error.kind === "capacity" || error.kind === "throttled") return error;
    // Only a request without a usable answer may have started one all the same.
    if (error.kind !== "unavailable") throw error;
    const { findLostBuild } = await import("./lost_build.ts");
    const lost = await findLostBuild({ session, config, log, input, startedMs });
    if (lost === undefined) throw error;
    return lost;
  }
}
