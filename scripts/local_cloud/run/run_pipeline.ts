import type { PipelineTarget } from "../pipelines/new_pipeline.ts";
import { type Pipeline, stepsOf } from "../pipelines/pipeline.ts";
import type { PipelineItem } from "../pipelines/pipeline_file.ts";
import type { LocalCloud } from "../start_local_cloud.ts";

export interface PlannedRun {
  readonly items: readonly PipelineItem[];
  readonly target: PipelineTarget;
  readonly variables: Readonly<Record<string, string>>;
  /** Whether manual steps are started as soon as they wait. */
  readonly approves: boolean;
}

/**
 * Runs a pipeline until it and all builds are over, or until nothing goes on but waiting for a person. The cloud is the
 * caller's to close.
 */
export async function runPipeline(cloud: LocalCloud, run: PlannedRun): Promise<Pipeline> {
  const { codeBuild, bitbucket: { scheduler } } = cloud;
  const pipeline = scheduler.start({ ...run.target, items: run.items, variables: run.variables });
  const gate = atGate(cloud, pipeline, run.approves);
  const over = scheduler.ended(pipeline.uuid)
    .then(() => Promise.all(codeBuild.builds.map(({ id }) => codeBuild.ended(id))));
  await Promise.race([over, gate.reached]);
  gate.stop();
  return pipeline;
}

/** Starts the steps that wait for a person, or else resolves when all of the pipeline does. */
function atGate(cloud: LocalCloud, pipeline: Pipeline, approves: boolean) {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const look = () => {
    const steps = stepsOf(pipeline);
    const waiting = steps.filter(({ paused }) => paused);
    if (approves) { for (const { uuid } of waiting) cloud.bitbucket.scheduler.resume(uuid); }
    else if (waiting.length > 0 && !steps.some(({ state }) => state === "READY" || state === "IN_PROGRESS")) {
      resolve();
    }
  };
  const stop = cloud.happenings.on(({ type }) => {
    // A step beside it may be about to begin.
    if (type === "step queued" || type === "step ended") setTimeout(look, 0);
  });
  return { reached, stop };
}
