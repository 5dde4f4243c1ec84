import { RunnerError } from "../../shared/program/errors.ts";
import { startLifecycle } from "../life/lifecycle.ts";
import type { Lifecycle } from "../life/lifecycle_state.ts";
import { RunnerEar } from "../watch/runner_ear.ts";
import { liveOut } from "../watch/runner_life.ts";
import { askedTimes } from "../times/build_times.ts";
import { StepClock } from "../times/step_clock.ts";
import { StepResults } from "../ask/step_results.ts";
import { awaitLauncher } from "./await_launcher.ts";
import { failedSteps } from "./failed_steps.ts";
import { hearsay, lifecycleSettings, type PhaseDeps, recordEnd, watchedRunner } from "./phase.ts";
import { beginSweep } from "./sweep.ts";

/**
 * The build phase: watches the runner serve its step or steps, and lets it go when its time has come. Throws
 * `RunnerError` when the runner failed or a step served here failed, so that CodeBuild's history shows it.
 */
export async function build(deps: PhaseDeps): Promise<void> {
  const state = await deps.stateFile.read();
  if (state?.runnerUuid === undefined || !state.online || state.removed) {
    throw new RunnerError("There is no runner to watch", {
      hint: "pre_build.sh brings it up; call it in the phase before, and look there for what went wrong",
    });
  }
  using runner = watchedRunner(deps, state, state.runnerUuid);
  // Looking twice takes half a minute, which the phase before did not have; this one ends it when it is over itself.
  const sweep = state.leftoversDoubtful ? beginSweep(deps, "look twice") : undefined;
  const asking = beginAsking(deps);
  try {
    const ear = new RunnerEar(deps.host, deps.log, runner, { endsLeftovers: deps.config.multiStep });
    const settings = lifecycleSettings(deps.config, { handsOver: true });
    const begunMs = deps.host.monotonicMs();
    const start = hearsay(ear, startLifecycle(settings, begunMs), deps);
    const results = new StepResults();
    const clock = new StepClock(() => deps.host.now());
    const life = await liveOut({ ...deps, runner, ear, results, clock }, start);
    const failed = await failedSteps(deps, life, results);
    const times = { ...state.times, ...await asking.end(), steps: clock.times };
    await recordEnd(deps, { ...state, times }, life, ear);
    await awaitLauncher(deps, life, begunMs);
    deps.signal.throwIfAborted();
    throwOnFailure(life, failed);
  } finally {
    await asking.end();
    await sweep?.end(0);
  }
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

/** More would make the message of the failure unreadable. */
const MOST_NAMED = 20;

function throwOnFailure(life: Lifecycle, failed: readonly string[]): void {
  if (life.fault !== undefined) {
    throw new RunnerError(life.fault, { hint: "The runner's last lines above may tell why" });
  }
  if (failed.length > 0) {
    throw new RunnerError(`A step served here failed: ${failed.slice(0, MOST_NAMED).join(", ")}`, {
      hint: "The step's log is in Bitbucket; this build only reports it",
    });
  }
}
