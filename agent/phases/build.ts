import { RunnerError } from "../../shared/program/errors.ts";
import { startLifecycle } from "../life/lifecycle.ts";
import { type Lifecycle, type ServedStep, UNKNOWN_RESULT } from "../life/lifecycle_state.ts";
import { RunnerEar } from "../watch/runner_ear.ts";
import { liveOut } from "../watch/runner_life.ts";
import { awaitLauncher } from "./await_launcher.ts";
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
  const runner = watchedRunner(deps, state, state.runnerUuid);
  // Looking twice takes half a minute, which the phase before did not have; this one ends it when it is over itself.
  const sweep = state.leftoversDoubtful ? beginSweep(deps, "look twice") : undefined;
  try {
    const ear = new RunnerEar(deps.host, deps.log, runner);
    const settings = lifecycleSettings(deps.config, { handsOver: true });
    const start = hearsay(ear, startLifecycle(settings, deps.host.monotonicMs()), deps);
    const life = await liveOut({ ...deps, runner, ear }, start);
    const failed = await failedSteps(deps, life);
    await recordEnd(deps, state, life, ear.baseline);
    await awaitLauncher(deps, life);
    deps.signal.throwIfAborted();
    throwOnFailure(life, failed);
  } finally {
    await sweep?.end(0);
    runner.output.close();
    runner.control.close();
  }
}

async function failedSteps(deps: PhaseDeps, life: Lifecycle): Promise<string[]> {
  const failed: string[] = [];
  for (const step of life.served.filter(({ result }) => !GOOD.has(result))) {
    const result = await finalResult(deps, step);
    if (!NOT_FAILED.has(result)) failed.push(`${step.stepUuid} (${result})`);
  }
  return failed;
}

function throwOnFailure(life: Lifecycle, failed: readonly string[]): void {
  if (life.fault !== undefined) {
    throw new RunnerError(life.fault, { hint: "The runner's last lines above may tell why" });
  }
  if (failed.length > 0) {
    throw new RunnerError(`A step served here failed: ${failed.join(", ")}`, {
      hint: "The step's log is in Bitbucket; this build only reports it",
    });
  }
}

const GOOD: ReadonlySet<string> = new Set(["PASSED", "SUCCESSFUL"]);
/** A stopped step is somebody's wish; an unknown result is not held against the build. */
const NOT_FAILED: ReadonlySet<string> = new Set([...GOOD, "STOPPED", UNKNOWN_RESULT]);

/** Bitbucket's word on a step, since a runner calls a step that somebody stopped FAILED too; else the runner's word. */
async function finalResult({ bitbucket, signal, log }: PhaseDeps, step: ServedStep): Promise<string> {
  try {
    const steps = await bitbucket.listSteps(step.pipelineUuid, { signal });
    const found = steps.find((candidate) => candidate.uuid === step.stepUuid);
    return found?.state.result?.name ?? step.result;
  } catch (error) {
    log.warning(error instanceof Error ? error.message : String(error));
    return step.result;
  }
}
