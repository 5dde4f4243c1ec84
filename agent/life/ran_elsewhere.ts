import type { PipelineStep } from "../../shared/calls/bitbucket_schema.ts";

export interface OwnPart {
  /** Of all runners of the build. */
  readonly runnerUuids: readonly string[];
  readonly servedSteps: readonly string[];
  /** The step that started the build; the pipeline's first step where it is not known. */
  readonly launcherStep: string | undefined;
}

/**
 * How many steps of a pipeline another runner may have served. Bitbucket does not publish which runner served a
 * step, so steps in its own cloud count as well, unless the answer happens to name runners.
 */
export function countRanElsewhere(steps: readonly PipelineStep[], own: OwnPart): number {
  const launcher = own.launcherStep ?? steps[0]?.uuid;
  const mine = new Set(own.servedSteps);
  const namesRunners = steps.some((step) => step.runner?.uuid !== undefined);
  return steps.filter((step) => {
    if (step.uuid === launcher || mine.has(step.uuid) || !hasRun(step)) return false;
    return namesRunners
      ? step.runner?.uuid !== undefined && !own.runnerUuids.includes(step.runner.uuid)
      : true;
  }).length;
}

/** Whether a step got as far as running: one that found no runner, or was never reached, did not. */
function hasRun(step: PipelineStep): boolean {
  if (step.state.name === "IN_PROGRESS") return true;
  const result = step.state.result?.name;
  if (step.state.name !== "COMPLETED" || result === "NOT_RUN") return false;
  return result === "SUCCESSFUL" || result === "FAILED" || typeof step.started_on === "string";
}
