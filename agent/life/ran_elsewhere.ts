import type { PipelineStep } from "../../shared/calls/bitbucket_schema.ts";

export interface OwnPart {
  /** Of all runners of the build. */
  readonly runnerUuids: readonly string[];
  readonly servedSteps: readonly string[];
  /** The step that started the build; the pipeline's first step where it is not known. */
  readonly launcherStep: string | undefined;
}

/**
 * How many runs of a pipeline's steps another runner may have served. Bitbucket does not publish which runner served a
 * step, so steps in its own cloud count as well, unless the answer happens to name runners.
 */
export function countRanElsewhere(steps: readonly PipelineStep[], own: OwnPart): number {
  const launcher = own.launcherStep ?? steps[0]?.uuid;
  const namesRunners = steps.some((step) => step.runner?.uuid !== undefined);
  const elsewhere = ({ uuid, runner, run_number }: PipelineStep) => {
    const here = own.servedSteps.filter((served) => served === uuid).length;
    // Only that of the latest run is named.
    if (namesRunners) {
      return here === 0 && runner?.uuid !== undefined && !own.runnerUuids.includes(runner.uuid) ? 1 : 0;
    }
    return Math.max(0, (run_number ?? 1) - here);
  };
  return steps.filter((step) => step.uuid !== launcher && hasRun(step))
    .reduce((sum, step) => sum + elsewhere(step), 0);
}

/** Whether a step got as far as running: one that found no runner, or was never reached, did not. */
function hasRun(step: PipelineStep): boolean {
  if (step.state.name === "IN_PROGRESS") return true;
  const result = step.state.result?.name;
  if (step.state.name !== "COMPLETED" || result === "NOT_RUN") return false;
  return result === "SUCCESSFUL" || result === "FAILED" || typeof step.started_on === "string";
}
