import { RunnerError } from "../../shared/program/errors.ts";
import { startLifecycle } from "../life/lifecycle.ts";
import type { Lifecycle } from "../life/lifecycle_state.ts";
import { RunnerEar } from "../watch/runner_ear.ts";
import { liveOut } from "../watch/runner_life.ts";
import { askedTimes } from "../times/build_times.ts";
import { StepClock } from "../times/step_clock.ts";
import { StepResults } from "../ask/step_results.ts";
import { Team } from "../ask/team.ts";
import type { BuildTimes } from "../settings/agent_schema.ts";
import { awaitLauncher } from "./await_launcher.ts";
import { failedSteps } from "./failed_steps.ts";
import {
  hearsay,
  lifecycleSettings,
  type PhaseDeps,
  recordEnd,
  type RunnerDeps,
  tellRequests,
  wasRemoved,
  watchedRunner,
} from "./phase.ts";
import { type LeftRunner, leftRunners } from "./runner_deps.ts";
import { beginSweep } from "./sweep.ts";

/**
 * The build phase: watches each runner serve its step or steps, and lets it go when its time has come. Throws `RunnerError`
 * when a runner failed or a step served here failed, so that CodeBuild's history shows it.
 */
export async function build(deps: PhaseDeps): Promise<void> {
  const left = await leftRunners(deps);
  const ready = left.filter(({ state }) => state.runnerUuid !== undefined && state.online && !state.removed);
  const [first] = ready;
  if (first === undefined) {
    throw new RunnerError("There is no runner to watch", {
      hint: "pre_build.sh brings it up; call it in the phase before, and look there for what went wrong",
    });
  }
  // Looking twice takes half a minute, which the phase before did not have; this one ends it when it is over itself.
  const sweep = first.state.leftoversDoubtful ? beginSweep(deps, "look twice") : undefined;
  const asking = beginAsking(deps);
  const begunMs = deps.host.monotonicMs();
  const shared: SharedWatch = {
    team: new Team(),
    results: new StepResults(),
    clock: new StepClock(() => deps.host.now()),
    alone: ready.length === 1,
  };
  try {
    const watched = await all(ready.map((one) => watch(one, shared)));
    const lives = watched.map(({ life }) => life);
    const served = lives.flatMap((life) => life.served);
    const settings = lifecycleSettings(deps.config, { handsOver: true });
    const failed = await failedSteps(deps, { served, settings }, shared.results);
    const times = { ...first.state.times, ...await asking.end(), steps: shared.clock.times };
    await watched[0]?.record(times);
    if (lives.every(wasRemoved)) tellRequests(deps, first.state.requests);
    await awaitLauncher(deps, { served, settings }, begunMs);
    deps.signal.throwIfAborted();
    throwOnFailure(watched, failed);
    throwOnLost(left);
  } finally {
    await asking.end();
    await sweep?.end(0);
  }
}

/** Waits for all even where one fails: a runner that nobody watches would be left with its step. Rejects as the first does. */
async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

/** What is shared by the runners of a build while they are watched. */
interface SharedWatch {
  readonly team: Team;
  readonly results: StepResults;
  readonly clock: StepClock;
  /** Whether there is but one. */
  readonly alone: boolean;
}

interface WatchedLife {
  readonly deps: RunnerDeps;
  readonly life: Lifecycle;
  /** Writes its end down again, with the build's times. */
  readonly record: (times: BuildTimes) => Promise<void>;
}

/** Watches one of the runners to its end, and writes that down where the others may take longer. */
async function watch({ deps, state }: LeftRunner, shared: SharedWatch): Promise<WatchedLife> {
  const { host, log, config, number } = deps;
  using runner = watchedRunner(deps, state, state.runnerUuid ?? "");
  const ear = new RunnerEar(host, log, runner, { endsLeftovers: config.multiStep });
  const settings = lifecycleSettings(config, { handsOver: true });
  const start = hearsay(ear, startLifecycle(settings, host.monotonicMs()), deps);
  const clock = { note: (life: Lifecycle) => shared.clock.note(life, number) };
  const life = await liveOut({ ...deps, ...shared, runner, ear, clock }, start);
  const { baseline, reading } = ear;
  const record = (times: BuildTimes | undefined) =>
    recordEnd(deps, { ...state, times }, life, { baseline, reading });
  if (!shared.alone) await record(state.times);
  return { deps, life, record };
}

/** Asks for what only the metrics need beside everything else; an answer that has not come by the end is done without. */
function beginAsking({ config, host, signal }: PhaseDeps) {
  const over = new AbortController();
  const asked = config.metrics
    ? askedTimes(config, host, AbortSignal.any([signal, over.signal]))
    : Promise.resolve({});
  return {
    async end() {
      over.abort();
      return await asked;
    },
  };
}

function throwOnLost(left: readonly LeftRunner[]): void {
  const lost = left.find(({ state }) => state.lost);
  if (lost === undefined) return;
  throw new RunnerError(`${lost.deps.log.subject.words}Cannot watch the runner: its state cannot be read`, {
    hint: "post_build.sh removes it; look for what changes files in RUNNER_HOME, as a step may do",
  });
}

/** More would make the message of the failure unreadable. */
const MOST_NAMED = 20;

function throwOnFailure(watched: readonly WatchedLife[], failed: readonly string[]): void {
  const broken = watched.find(({ life }) => life.fault !== undefined);
  if (broken?.life.fault !== undefined) {
    throw new RunnerError(`${broken.deps.log.subject.words}${broken.life.fault}`, {
      hint: "The runner's last lines above may tell why",
    });
  }
  if (failed.length > 0) {
    throw new RunnerError(`A step served here failed: ${failed.slice(0, MOST_NAMED).join(", ")}`, {
      hint: "The step's log is in Bitbucket; this build only reports it",
    });
  }
}
