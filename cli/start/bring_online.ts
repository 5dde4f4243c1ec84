import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { runnerName } from "../../shared/leftovers/runner_name.ts";
import { besideTidying } from "../handover/beside_tidying.ts";
import { withHeartbeat } from "../progress/heartbeat.ts";
import { readyLabels } from "../progress/ready_labels.ts";
import { partFrom, type Seen } from "../stop/part_from.ts";
import { removeRunner } from "../stop/remove_runner.ts";
import { awaitRunner } from "../wait/await_runner.ts";
import { buildEnded, consoleLink, queuedNote, queueTimeout, startupTimeout } from "../wait/report.ts";
import { StartupClock } from "../wait/startup_clock.ts";
import { type Beginning, removalMs } from "./beginning.ts";

/** A build whose runner is online, and the labels that this has as far as they can be told. */
export interface Online {
  readonly online: KnownBuild;
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
  let fleetTold: Promise<void> | undefined;
  const seen = (build: KnownBuild) => {
    last = { build, atMs: host.monotonicMs() };
    clock.note(build);
    if (!clock.staysQueued) return;
    beginning.log.info(queuedNote(clock.queueMinutes(build), config.startupTimeoutS));
    fleetTold = tellOfFleet({ ...beginning, signal: clock.signal }, build);
  };
  try {
    const labels = await announce(beginning, started);
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

/** Tells what is known of a build as soon as it is accepted; answers with its runner's labels. */
async function announce({ config, log, known }: Beginning, build: KnownBuild): Promise<Online["labels"]> {
  const facts = { build: build.id, link: consoleLink(build, config.region), runner: runnerName(build.id) };
  log.info(`Build ${facts.build} accepted: ${facts.link}`, facts);
  const labels = readyLabels(build, config);
  await known?.({ ...facts, labels });
  return labels;
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
