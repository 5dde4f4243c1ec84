import { type Pipeline, type PullRequest, type Step, stepsOf } from "./pipeline.ts";
import type { PipelineItem, StepDefinition } from "./pipeline_file.ts";
import type { PlatformAnswers } from "./platform_answers.ts";

/** What a pipeline runs for; a branch «main» when all is left out. */
export interface PipelineTarget {
  /** For a pull request the branch that is to be merged. */
  readonly branch?: string;
  /** Instead of a branch. */
  readonly tag?: string;
  readonly pullRequest?: PullRequest;
  readonly commit?: string;
}

/** A pipeline that has not begun. */
export function newPipeline(
  items: readonly PipelineItem[],
  repository: { readonly slug: string; readonly uuid: string },
  { branch, tag, pullRequest, commit }: PipelineTarget,
  number: number,
): Pipeline {
  const pipeline: Pipeline = {
    uuid: `{${crypto.randomUUID()}}`,
    number,
    repositoryUuid: repository.uuid,
    repositorySlug: repository.slug,
    branch: tag === undefined ? branch ?? "main" : undefined,
    tag,
    pullRequest,
    commit: commit ?? `${crypto.randomUUID().replaceAll("-", "")}deadbeef`,
    createdAt: Date.now(),
    items: [],
    completedAt: undefined,
    result: undefined,
  };
  for (const item of items) pipeline.items.push(item.map((definition) => newStep(definition, pipeline)));
  return pipeline;
}

/**
 * Makes a pipeline ready to run again what did not pass, as «Rerun failed steps» does: it keeps its UUID, and steps
 * that passed stay as they are. The others keep theirs as well, or get new ones.
 */
export function reopenPipeline(
  pipeline: Pipeline,
  { rerunSteps }: Pick<PlatformAnswers, "rerunSteps">,
): void {
  pipeline.completedAt = undefined;
  pipeline.result = undefined;
  for (const step of stepsOf(pipeline).filter(({ result }) => result !== "SUCCESSFUL")) {
    Object.assign(step, newStep(step.definition, pipeline), {
      ...(rerunSteps === "keep" ? { uuid: step.uuid } : {}),
      runNumber: step.runNumber + 1,
    });
  }
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
    runnerName: undefined,
    runNumber: 1,
    startedAt: undefined,
    completedAt: undefined,
    output: [],
  };
}
