import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { tightMemory } from "../facts/machines.ts";
import { besideTidying } from "../handover/beside_tidying.ts";
import { buildRunners } from "../progress/build_runners.ts";
import { withHeartbeat } from "../progress/heartbeat.ts";
import { readyLabels } from "../progress/ready_labels.ts";
import { partFrom, type Seen } from "../stop/part_from.ts";
import { removeRunners } from "../stop/remove_runners.ts";
import type { BuildFacts, StartFacts } from "../progress/start_record.ts";
import { awaitRunner, type RunnerWait } from "../wait/await_runner.ts";
import { OwnLooks } from "../wait/build_looks.ts";
import type { explainFailure } from "../wait/explain_failure.ts";
import { buildEnded, consoleLink, queuedNote, queueTimeout, startupTimeout } from "../wait/report.ts";
import { StartupClock } from "../wait/startup_clock.ts";
import { type HoldWatch, holdWatch, withoutSession } from "../wait/hold_watch.ts";
import { type Beginning, removalMs } from "./beginning.ts";

/** A build whose runners are online, and what is told of it: the labels as far as they are known. */
export interface Online {
  readonly online: KnownBuild;
  readonly facts: BuildFacts & Pick<StartFacts, "labels">;
}

/** Waits for the runner; leaves nothing behind if it comes to nothing. */
export async function bringOnline(beginning: Beginning, started: KnownBuild): Promise<Online> {
  const { host, config, signal, among } = beginning;
  let last: Seen = { build: started, atMs: host.monotonicMs() };
  const startupMs = config.startupTimeoutS * 1000;
  using clock = new StartupClock({
    host,
    startupMs,
    queuedTimeoutMinutes: config.queuedTimeoutMinutes,
    signal,
  });
  const watch = holdWatch(beginning);
  let fleetTold: Promise<void> | undefined;
  const seen = (build: KnownBuild) => {
    last = { build, atMs: host.monotonicMs() };
    clock.note(build);
    if (!clock.staysQueued) return;
    beginning.log.info(queuedNote(clock.queueMinutes(build), config.startupTimeoutS));
    fleetTold = tellOfFleet({ ...beginning, signal: clock.signal }, build);
  };
  try {
    const facts = await announce(beginning, started);
    const waiting = { ...beginning, signal: clock.signal };
    const looks = among?.looks ?? new OwnLooks(waiting);
    const wait = (heartbeat: RunnerWait["heartbeat"]) =>
      awaitRunner({ ...waiting, looks, seen, heartbeat, isHeld: watch?.isHeld }, started);
    const state = await besideTidying(
      { ...waiting, sweepsElsewhere: (among?.number ?? 1) > 1 },
      started,
      () => among === undefined ? withHeartbeat(waiting, wait) : wait(among.heartbeat),
    ).catch(tooLong);
    if (state !== "online") throw buildEnded(last.build, state === "held");
    const warning = withoutSession(last.build, config);
    if (warning !== undefined) beginning.log.warning(warning);
    await beginning.runners?.confirmOnline(clock.signal).catch(tooLong);
    // A signal counts until the end, also one that came while StartBuild's answer was waited for.
    signal.throwIfAborted();
    return { online: last.build, facts };
  } catch (error) {
    among?.failing(error);
    throw await abandon(beginning, last, { failure: error, watch });
  } finally {
    await fleetTold;
  }

  function tooLong(error: unknown): never {
    if (error !== clock.reason) throw error;
    throw clock.queueIsOver
      ? queueTimeout(clock.queueMinutes(last.build), last.build)
      : startupTimeout(config.startupTimeoutS, last.build);
  }
}

/** Loaded where there is a fleet: most builds have none. */
async function tellOfFleet(
  beginning: Beginning,
  build: KnownBuild,
): Promise<void> {
  const fleetArn = build.environment?.fleet?.fleetArn ?? beginning.config.fleetArn;
  if (fleetArn === undefined) return;
  const { fleetNote } = await import("../wait/fleet_note.ts");
  await fleetNote(beginning, fleetArn);
}

/** Tells what is known of a build as soon as it is accepted. */
async function announce({ config, log, known }: Beginning, build: KnownBuild): Promise<Online["facts"]> {
  const runners = buildRunners(build, config);
  const told = { build: build.id, link: consoleLink(build, config.region), runner: runners[0] ?? "" };
  log.info(`Build ${told.build} accepted: ${told.link}`, told);
  const tight = tightMemory({ ...build.environment, runners: runners.length });
  if (tight !== undefined) log.warning(`${tight}: take a larger --compute-type, or fewer --runners`);
  const facts = { ...told, runners, labels: readyLabels(build, config) };
  await known?.(facts);
  return facts;
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
  const { signal, among, runners } = beginning;
  const held = signal.aborted ? undefined : watch?.held;
  if (held !== undefined) {
    const { leaveHeld } = await import("./leave_held.ts");
    if (await leaveHeld(beginning, seen.build, held)) {
      await among?.othersGone();
      return await explain(beginning, seen.build, failure, held);
    }
  }
  const { build, outcome } = await partFrom(beginning, seen);
  if (outcome === "left") return failure;
  if (outcome !== "running") {
    const gone = { id: build.id, is: outcome, runners };
    if (among === undefined) await removeRunners({ ...beginning, patienceMs: removalMs(beginning) }, [gone]);
    else among.gone(gone);
  }
  if (signal.aborted) return failure;
  await among?.othersGone();
  return await explain(beginning, build, failure, held);
}

/** Loaded by those alone who need it. */
async function explain(...given: Parameters<typeof explainFailure>): Promise<unknown> {
  const { explainFailure } = await import("../wait/explain_failure.ts");
  return await explainFailure(...given);
}
