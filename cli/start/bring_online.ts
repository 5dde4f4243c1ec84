import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { tightMemory } from "../facts/machines.ts";
import { besideTidying } from "../handover/beside_tidying.ts";
import { buildRunners } from "../progress/build_runners.ts";
import { withHeartbeat } from "../progress/heartbeat.ts";
import { readyLabels } from "../progress/ready_labels.ts";
import { partFrom, type Seen } from "../stop/part_from.ts";
import { removeRunner } from "../stop/remove_runner.ts";
import { awaitRunner } from "../wait/await_runner.ts";
import type { explainFailure } from "../wait/explain_failure.ts";
import { buildEnded, consoleLink, queuedNote, queueTimeout, startupTimeout } from "../wait/report.ts";
import { StartupClock } from "../wait/startup_clock.ts";
import { type HoldWatch, holdWatch, withoutSession } from "../wait/hold_watch.ts";
import { type Beginning, removalMs } from "./beginning.ts";

/** A build whose runners are online, their names, and the labels that these have as far as they can be told. */
export interface Online {
  readonly online: KnownBuild;
  readonly runners: readonly string[];
  readonly labels: readonly string[] | undefined;
}

/** Waits for the runner; leaves nothing behind if it comes to nothing. */
export async function bringOnline(beginning: Beginning, started: KnownBuild): Promise<Online> {
  const { host, config, signal } = beginning;
  let last: Seen = { build: started, atMs: host.monotonicMs() };
  const startupMs = config.startupTimeoutS * 1000;
  using clock = new StartupClock({
    host,
    startupMs,
    queuedTimeoutMinutes: config.queuedTimeoutMinutes,
    signal,
  });
  const watch = holdWatch(beginning);
  const seen = (build: KnownBuild) => {
    last = { build, atMs: host.monotonicMs() };
    clock.note(build);
    if (clock.staysQueued) beginning.log.info(queuedNote(clock.queueMinutes(build), config.startupTimeoutS));
  };
  try {
    const told = await announce(beginning, started);
    const waiting = { ...beginning, signal: clock.signal, isHeld: watch?.isHeld };
    const state = await besideTidying(
      waiting,
      started,
      () => withHeartbeat(waiting, (heartbeat) => awaitRunner({ ...waiting, seen, heartbeat }, started)),
    ).catch(tooLong);
    if (state !== "online") throw buildEnded(last.build, state === "held");
    const warning = withoutSession(last.build, config);
    if (warning !== undefined) beginning.log.warning(warning);
    await beginning.runners?.confirmOnline(clock.signal).catch(tooLong);
    // A signal counts until the end, also one that came while StartBuild's answer was waited for.
    signal.throwIfAborted();
    return { online: last.build, ...told };
  } catch (error) {
    throw await abandon(beginning, last, { failure: error, watch });
  }

  function tooLong(error: unknown): never {
    if (error !== clock.reason) throw error;
    throw clock.queueIsOver
      ? queueTimeout(clock.queueMinutes(last.build), last.build)
      : startupTimeout(config.startupTimeoutS, last.build);
  }
}

/** Tells what is known of a build as soon as it is accepted; answers with its runners. */
async function announce(
  { config, log, known }: Beginning,
  build: KnownBuild,
): Promise<Omit<Online, "online">> {
  const runners = buildRunners(build, config);
  const facts = { build: build.id, link: consoleLink(build, config.region), runner: runners[0] };
  log.info(`Build ${facts.build} accepted: ${facts.link}`, facts);
  const tight = tightMemory({ ...build.environment, runners: runners.length });
  if (tight !== undefined) log.warning(`${tight}: take a larger --compute-type, or fewer --runners`);
  const labels = readyLabels(build, config);
  await known?.({ ...facts, runners, labels });
  return { runners, labels };
}

/**
 * Leaves nothing behind of a build whose runner nobody waits for any more, and shows why it came to that; answers with the
 * failure to end with, which the build may word better.
 */
async function abandon(
  beginning: Beginning,
  seen: Seen,
  { failure, watch }: { readonly failure: unknown; readonly watch: HoldWatch | undefined },
): Promise<unknown> {
  const { signal } = beginning;
  const held = signal.aborted ? undefined : watch?.held;
  if (held !== undefined) {
    const { leaveHeld } = await import("./leave_held.ts");
    if (await leaveHeld(beginning, seen.build, held)) {
      return await explain(beginning, seen.build, failure, held);
    }
  }
  const { build, outcome } = await partFrom(beginning, seen);
  if (outcome === "left") return failure;
  if (outcome !== "running") {
    await removeRunner({ ...beginning, build: outcome, patienceMs: removalMs(beginning) }, build.id);
  }
  return signal.aborted ? failure : await explain(beginning, build, failure, held);
}

/** Loaded by those alone who need it. */
async function explain(...given: Parameters<typeof explainFailure>): Promise<unknown> {
  const { explainFailure } = await import("../wait/explain_failure.ts");
  return await explainFailure(...given);
}
