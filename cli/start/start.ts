import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { ApiError, BuildNotStartedError } from "../../shared/program/errors.ts";
import { interruptionIn } from "../../shared/output/failure.ts";
import { runnerName } from "../../shared/leftovers/runner_name.ts";
import { AwsSession, type StartContext } from "../aws/aws_session.ts";
import { sessionDurationS } from "../aws/role_session.ts";
import { StartupClock } from "../wait/startup_clock.ts";
import { awsFailure } from "../aws/hints.ts";
import { launchBuild } from "../launch/launch_build.ts";
import {
  buildEnded,
  consoleLink,
  handedOn,
  queuedNote,
  queueTimeout,
  startupTimeout,
} from "../wait/report.ts";
import { partFrom, type Seen } from "../stop/part_from.ts";
import { removeRunner } from "../stop/remove_runner.ts";
import { besideTidying } from "../handover/beside_tidying.ts";
import { prepareHandover } from "../handover/handover.ts";
import { reachPlatforms } from "../handover/reach_platforms.ts";
import type { RegisteredRunner } from "../handover/registered_runner.ts";
import type { BuildVariable } from "../options/build_variables.ts";
import { derivedTypeNote } from "../options/build_image.ts";
import { startHead } from "../progress/start_head.ts";
import type { StartFacts } from "../progress/start_record.ts";
import { regionProblem } from "../facts/regions.ts";
import { buildRequest } from "../request/build_request.ts";
import { uncheckedInstaller } from "../request/buildspec.ts";

export interface OnlineRunner {
  readonly runner: string;
  readonly build: string;
  /** Undefined where nothing tells them beforehand. */
  readonly labels: readonly string[] | undefined;
}

/** What a start is given. */
export interface StartOrder extends Omit<StartContext, "session"> {
  /** Told of what is known so far, as soon as it is. Never rejects. */
  readonly known?: ((facts: StartFacts) => Promise<void>) | undefined;
}

/**
 * Starts a build and waits until its runner is online. When that fails, for whatever reason, no build is left running
 * and no runner left registered, as far as AWS and Bitbucket can be reached; except that a runner which is online by
 * then is left to its agent. Rejects with `ProgramError`.
 */
export async function start(given: StartOrder): Promise<OnlineRunner> {
  const begunMs = given.host.monotonicMs();
  const context = { ...given, session: new AwsSession(given, sessionDurationS(given.config)) };
  const { log, config, signal } = context;
  try {
    for (const { message, fields } of startHead(config)) log.info(message, fields);
    const odd = regionProblem(config.region);
    if (odd !== undefined) log.warning(`Perhaps a slip in --region: ${odd}`);
    const unchecked = config.customBuildspec ? undefined : uncheckedInstaller(config);
    for (const note of [unchecked, derivedTypeNote(config)]) if (note !== undefined) log.info(note);
    if (config.role !== undefined && config.webIdentity === undefined) {
      log.info("There is no OIDC token, so the role is not assumed: using the default AWS credentials");
    }
    for (const line of handedOn(config)) log.info(line);
    const bitbucket = await reachPlatforms(context);
    const { variables, runner } = await prepareHandover(context, bitbucket).catch(notPrepared);
    const beginning: Beginning = { ...context, runner, known: given.known };
    const launchMs = context.host.monotonicMs();
    const build = await launch(beginning, variables);
    const startBuildMs = context.host.monotonicMs() - launchMs;
    const { online, labels } = await bringOnline(beginning, build);
    const { onlineSummary } = await import("../progress/online_summary.ts");
    const times = { startBuildMs, allMs: context.host.monotonicMs() - begunMs };
    for (const { message, fields } of onlineSummary(online, config, times)) log.info(message, fields);
    return { runner: runnerName(build.id), build: build.id, labels };
  } catch (error) {
    const interruption = interruptionIn(error, signal);
    if (interruption !== undefined) throw interruption;
    throw error instanceof AwsCallError ? awsFailure(error, config) : error;
  }
}

/** What Bitbucket does not answer keeps the build from being started, as what AWS does not answer does. */
function notPrepared(error: unknown): never {
  const fromBitbucket = error instanceof ApiError && !(error instanceof AwsCallError);
  throw fromBitbucket ? new BuildNotStartedError(error.message, { hint: error.hint, cause: error }) : error;
}

/** A start under way; with the runner if it is registered before its build is there. */
interface Beginning extends StartContext {
  readonly runner: RegisteredRunner | undefined;
  readonly known: StartOrder["known"];
}

/** Starts the build; a runner that is registered already is of no use without one, unless one runs that nobody knows of. */
async function launch(beginning: Beginning, secrets: readonly BuildVariable[]): Promise<KnownBuild> {
  try {
    return await launchBuild({ ...beginning, request: buildRequest(beginning.config, secrets) });
  } catch (error) {
    await beginning.runner?.remove("stopping", removalMs(beginning));
    throw error;
  }
}

/** A build whose runner is online, and the labels that this has as far as they can be told. */
interface Online {
  readonly online: KnownBuild;
  readonly labels: readonly string[] | undefined;
}

/** Waits for the runner; leaves nothing behind if it comes to nothing. */
async function bringOnline(beginning: Beginning, started: KnownBuild): Promise<Online> {
  const { host, config, signal } = beginning;
  let last: Seen = { build: started, atMs: host.monotonicMs() };
  const startupMs = config.startupTimeoutS * 1000;
  using clock = new StartupClock({
    host,
    startupMs,
    queuedTimeoutMinutes: config.queuedTimeoutMinutes,
    signal,
  });
  const seen = (build: KnownBuild) => {
    last = { build, atMs: host.monotonicMs() };
    clock.note(build);
    if (clock.staysQueued) beginning.log.info(queuedNote(clock.queueMinutes(build), config.startupTimeoutS));
  };
  try {
    const labels = await announce(beginning, started);
    const { awaitRunner, withHeartbeat } = await loadWait();
    const waiting = { ...beginning, signal: clock.signal };
    const state = await besideTidying(
      waiting,
      started,
      () => withHeartbeat(waiting, (heartbeat) => awaitRunner({ ...waiting, seen, heartbeat }, started)),
    ).catch(tooLong);
    if (state === "ended") throw buildEnded(last.build);
    await beginning.runner?.confirmOnline(clock.signal).catch(tooLong);
    // A signal counts until the end, also one that came while StartBuild's answer was waited for.
    signal.throwIfAborted();
    return { online: last.build, labels };
  } catch (error) {
    throw await abandon(beginning, last, error);
  }

  function tooLong(error: unknown): never {
    if (error !== clock.reason) throw error;
    throw clock.queueIsOver
      ? queueTimeout(clock.queueMinutes(last.build), last.build)
      : startupTimeout(config.startupTimeoutS, last.build);
  }
}

/** Tells what is known of a build as soon as it is accepted; answers with its runner's labels. */
async function announce({ config, log, known }: Beginning, build: KnownBuild): Promise<Online["labels"]> {
  const facts = { build: build.id, link: consoleLink(build, config.region), runner: runnerName(build.id) };
  log.info(`Build ${facts.build} accepted: ${facts.link}`, facts);
  const { readyLabels } = await import("../progress/ready_labels.ts");
  const labels = readyLabels(build, config);
  await known?.({ ...facts, labels });
  return labels;
}

/** What only those need whose build is accepted. */
async function loadWait() {
  const [{ awaitRunner }, { withHeartbeat }] = await Promise.all([
    import("../wait/await_runner.ts"),
    import("../progress/heartbeat.ts"),
  ]);
  return { awaitRunner, withHeartbeat };
}

/** For removing the runner, in milliseconds: a step that was told to end is killed before long. */
function removalMs({ signal }: Pick<StartContext, "signal">): number {
  return signal.aborted ? 10_000 : 60_000;
}

/**
 * Leaves nothing behind of a build whose runner nobody waits for any more, and shows why it came to that; answers with the
 * failure to end with, which the build may word better.
 */
async function abandon(beginning: Beginning, seen: Seen, failure: unknown): Promise<unknown> {
  const { signal } = beginning;
  const { build, outcome } = await partFrom(beginning, seen);
  if (outcome === "left") return failure;
  if (outcome !== "running") {
    await removeRunner({ ...beginning, build: outcome, patienceMs: removalMs(beginning) }, build.id);
  }
  if (signal.aborted) return failure;
  const { explainFailure } = await import("../wait/explain_failure.ts");
  return await explainFailure(beginning, build, failure);
}
