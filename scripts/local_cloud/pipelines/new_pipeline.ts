import type { Pipeline, Step } from "./pipeline.ts";
import type { PipelineItem, StepDefinition } from "./pipeline_file.ts";

/** A pipeline that has not begun. */
export function newPipeline(
  items: readonly PipelineItem[],
  repository: { readonly slug: string; readonly uuid: string },
  branch: string,
  number: number,
): Pipeline {
  const pipeline: Pipeline = {
    uuid: `{${crypto.randomUUID()}}`,
    number,
    repositoryUuid: repository.uuid,
    repositorySlug: repository.slug,
    branch,
    commit: `${crypto.randomUUID().replaceAll("-", "")}deadbeef`,
    createdAt: Date.now(),
    items: [],
    completedAt: undefined,
    result: undefined,
  };
  for (const item of items) pipeline.items.push(item.map((definition) => newStep(definition, pipeline)));
  return pipeline;
}

function newStep(definition: StepDefinition, pipeline: Pipeline): Step {
  return {
    uuid: `{${crypto.randomUUID()}}`,
    definition,
    pipeline,
    state: "PENDING",
    paused: false,
    result: undefined,
    error: undefined,
    runnerUuid: undefined,
    startedAt: undefined,
    completedAt: undefined,
    output: [],
  };
}
