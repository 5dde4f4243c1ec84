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
import { withDeadline } from "../wait/deadline.ts";
import { awsFailure } from "../aws/hints.ts";
import { launchBuild } from "../launch/launch_build.ts";
import { buildEnded, consoleLink, failureDetails, purpose, startupTimeout } from "../wait/report.ts";
import { partFrom, type Seen } from "../stop/part_from.ts";
import { removeRunner } from "../stop/remove_runner.ts";
import { derivedTypeNote } from "../options/build_image.ts";
import type { StartConfig } from "../options/start_config.ts";

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
 * and no runner left registered, as far as AWS and Bitbucket can be reached; except that a runner which is online by
 * then is left to its agent. Rejects with `ProgramError`.
 */
export async function start(context: StartContext): Promise<OnlineRunner> {
  const { log, config, signal } = context;
  const session = new AwsSession(context.host, log, config);
  try {
    log.info(purpose(config));
    const typeNote = derivedTypeNote(config);
    if (typeNote !== undefined) log.info(typeNote);
    if (config.role !== undefined && config.webIdentity === undefined) {
      log.info("There is no OIDC token, so the role is not assumed: using the default AWS credentials");
    }
    await session.connect(signal);
    const build = await launchBuild({ ...context, session });
    log.info(`Build ${build.id} accepted: ${consoleLink(build, config.region)}`, { build: build.id });
    await bringOnline(context, session, build);
    return { runner: runnerName(build.id), build: build.id };
  } catch (error) {
    const interruption = interruptionIn(error, signal);
    if (interruption !== undefined) throw interruption;
    throw error instanceof AwsCallError ? awsFailure(error, config) : error;
  }
}

/** Waits for the runner, and leaves nothing behind if it comes to nothing. */
async function bringOnline(context: StartContext, session: AwsSession, started: KnownBuild): Promise<void> {
  const { host, config, signal } = context;
  let last: Seen = { build: started, atMs: host.monotonicMs() };
  const seen = (build: KnownBuild) => last = { build, atMs: host.monotonicMs() };
  try {
    const reason = new TimeoutError("The startup timeout has passed");
    await withDeadline(host, { ms: config.startupTimeoutS * 1000, reason, signal }, async (signal) => {
      const state = await awaitRunner({ ...context, session, signal, seen }, started);
      if (state === "ended") throw buildEnded(last.build);
    }).catch((error) => {
      throw error === reason ? startupTimeout(config.startupTimeoutS, last.build) : error;
    });
    // A signal counts until the end, also one that came while StartBuild's answer was waited for.
    signal.throwIfAborted();
  } catch (error) {
    await abandon(context, session, last);
    throw error;
  }
}

/** For removing the runner, in milliseconds: a step that was told to end is killed before long. */
const REMOVAL_MS = { interrupted: 10_000, otherwise: 60_000 };

/** Leaves nothing behind of a build whose runner nobody waits for any more, and shows why it came to that. */
async function abandon(context: StartContext, session: AwsSession, seen: Seen): Promise<void> {
  const { log, signal } = context;
  const { build, outcome } = await partFrom({ ...context, session }, seen);
  if (outcome === "left") return;
  if (outcome !== "running") {
    const patienceMs = signal.aborted ? REMOVAL_MS.interrupted : REMOVAL_MS.otherwise;
    await removeRunner({ ...context, build: outcome, patienceMs }, build.id);
  }
  if (signal.aborted) return;
  const buildLog = await readBuildLog({ ...context, session }, build, signal);
  for (const line of failureDetails(build, buildLog)) log.info(line);
  for (const line of "lines" in buildLog ? buildLog.lines : []) log.quote(line);
}
