import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { TimeoutError } from "../../shared/program/errors.ts";
import { interruptionIn } from "../../shared/program/failure.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/program/log.ts";
import { runnerName } from "../../shared/leftovers/runner_name.ts";
import { awaitRunner } from "../wait/await_runner.ts";
import { AwsSession } from "../aws/aws_session.ts";
import { readBuildLog } from "../wait/build_log.ts";
import { hasEnded } from "../wait/build_progress.ts";
import { withDeadline } from "../wait/deadline.ts";
import { awsFailure } from "../aws/hints.ts";
import { launchBuild } from "../launch/launch_build.ts";
import { buildEnded, consoleLink, failureDetails, purpose, startupTimeout } from "../wait/report.ts";
import { Runners } from "../stop/runners.ts";
import type { StartConfig } from "../options/start_config.ts";
import { stopBuild, type StopOutcome } from "../stop/stop_build.ts";

export interface StartContext {
  readonly host: Host;
  readonly log: Logger;
  readonly config: StartConfig;
  /** Aborts with `InterruptedError` when somebody wants the program to end. */
  readonly signal: AbortSignal;
}

export interface OnlineRunner {
  readonly runner: string;
  readonly build: string;
}

/**
 * Starts a build and waits until its runner is online. When that fails, for whatever reason, no build is left running
 * and no runner left registered, as far as AWS and Bitbucket can be reached. Rejects with `ProgramError`.
 */
export async function start(context: StartContext): Promise<OnlineRunner> {
  const { log, config, signal } = context;
  const session = new AwsSession(context.host, log, config);
  const runners = new Runners({ ...context, session });
  try {
    log.info(purpose(config));
    if (config.role !== undefined && config.webIdentity === undefined) {
      log.info("There is no OIDC token, so the role is not assumed: using the default AWS credentials");
    }
    await session.connect(signal);
    const build = await launchBuild({ ...context, session });
    log.info(`Build ${build.id} accepted: ${consoleLink(build, config.region)}`, { build: build.id });
    await bringOnline(context, { session, runners, build });
    return { runner: runnerName(build.id), build: build.id };
  } catch (error) {
    const interruption = interruptionIn(error, signal);
    if (interruption !== undefined) throw interruption;
    throw error instanceof AwsCallError ? awsFailure(error, config) : error;
  } finally {
    await runners.reportRequests();
  }
}

interface Started {
  readonly session: AwsSession;
  readonly runners: Runners;
  readonly build: KnownBuild;
}

/** Waits for the runner; removes the leftovers of other builds meanwhile, and of this one if it comes to nothing. */
async function bringOnline(context: StartContext, started: Started): Promise<void> {
  const { host, config, signal } = context;
  const waitOver = new AbortController();
  let swept = false;
  const leftovers = started.runners.removeLeftovers(
    started.build.id,
    AbortSignal.any([signal, waitOver.signal]),
  ).finally(() => swept = true);
  let build = started.build;
  try {
    const reason = new TimeoutError("The startup timeout has passed");
    await withDeadline(host, { ms: config.startupTimeoutS * 1000, reason, signal }, async (signal) => {
      const seen = (look: KnownBuild) => build = look;
      const state = await awaitRunner({ ...context, session: started.session, signal, seen }, build);
      if (state === "ended") throw buildEnded(build);
    }).catch((error) => {
      throw error === reason ? startupTimeout(config.startupTimeoutS, build) : error;
    });
    // Most builds take longer to start than leftovers to be removed; a very quick one waits a moment for them.
    const over = AbortSignal.any([signal, waitOver.signal]);
    if (!swept) await Promise.race([leftovers, host.sleep(LEFTOVERS_GRACE_MS, over).catch(() => {})]);
    // A signal counts until the end, also one that came while StartBuild's answer or the leftovers were waited for.
    signal.throwIfAborted();
  } catch (error) {
    waitOver.abort();
    await leftovers;
    await abandon(context, { ...started, build });
    throw error;
  }
  waitOver.abort();
  await leftovers;
}

/** Covers the second look at leftovers of which only the age is known. */
const LEFTOVERS_GRACE_MS = 7_000;

/** Leaves nothing behind of a build whose runner nobody waits for any more, and shows why it came to that. */
async function abandon(context: StartContext, { session, runners, build }: Started): Promise<void> {
  const { log, signal } = context;
  const outcome: StopOutcome = hasEnded(build)
    ? { kind: "ended", build }
    : await stopBuild({ ...context, session }, build.id);
  if (outcome.kind !== "running") await runners.removeOf(build.id, outcome.kind);
  if (signal.aborted) return;
  const last = outcome.kind === "ended" ? outcome.build : build;
  const buildLog = await readBuildLog({ ...context, session }, last, signal);
  for (const line of failureDetails(last, buildLog)) log.info(line);
}
