import type { StepDefinition } from "./pipeline_file.ts";

export type StepResult = "SUCCESSFUL" | "FAILED" | "ERROR" | "STOPPED" | "NOT_RUN";

/** One step of a running pipeline. */
export interface Step {
  readonly uuid: string;
  readonly definition: StepDefinition;
  readonly pipeline: Pipeline;
  state: "PENDING" | "READY" | "IN_PROGRESS" | "COMPLETED";
  /** A manual step waits for a person. */
  paused: boolean;
  result: StepResult | undefined;
  error: { readonly key: string; readonly message: string } | undefined;
  /** The runner that serves it; undefined for a step in Bitbucket's cloud. */
  runnerUuid: string | undefined;
  /** Its name, by which its build is known. */
  runnerName: string | undefined;
  /** Raised when it runs again. */
  runNumber: number;
  startedAt: number | undefined;
  completedAt: number | undefined;
  output: string[];
}

/** The pull request that a pipeline runs for. */
export interface PullRequest {
  readonly id: number;
  readonly destination: string;
  readonly destinationCommit: string;
}

/** A pipeline and how far it has come. */
export interface Pipeline {
  readonly uuid: string;
  readonly number: number;
  readonly repositoryUuid: string;
  readonly repositorySlug: string;
  /** Undefined for a tag's pipeline. */
  readonly branch: string | undefined;
  readonly tag: string | undefined;
  readonly pullRequest: PullRequest | undefined;
  readonly commit: string;
  readonly createdAt: number;
  /** The steps in the order of the file, those that run side by side as one item. */
  readonly items: Step[][];
  completedAt: number | undefined;
  result: Exclude<StepResult, "NOT_RUN"> | undefined;
}

export function stepsOf(pipeline: Pipeline): Step[] {
  return pipeline.items.flat();
}

/** The pipeline in Bitbucket's own form. */
export function pipelineToWire(
  pipeline: Pipeline,
  manualStage: "PAUSED" | "RUNNING",
  baseUrl: string,
): object {
  const steps = stepsOf(pipeline);
  const self = `${baseUrl}/pipelines/${encodeURIComponent(pipeline.uuid)}`;
  return {
    type: "pipeline",
    uuid: pipeline.uuid,
    build_number: pipeline.number,
    run_number: 1,
    creator: { type: "user", display_name: "Dev" },
    repository: { type: "repository", uuid: pipeline.repositoryUuid, name: pipeline.repositorySlug },
    target: {
      type: "pipeline_ref_target",
      ref_type: pipeline.tag === undefined ? "branch" : "tag",
      ref_name: pipeline.tag ?? pipeline.branch,
      selector: { type: "default" },
      commit: { type: "commit", hash: pipeline.commit },
    },
    trigger: { name: "PUSH", type: "pipeline_trigger_push" },
    state: pipelineState(pipeline, steps.some((step) => step.paused) ? manualStage : "RUNNING"),
    variables: [],
    created_on: iso(pipeline.createdAt),
    ...(pipeline.completedAt === undefined ? {} : { completed_on: iso(pipeline.completedAt) }),
    build_seconds_used: 0,
    duration_in_seconds: Math.round(((pipeline.completedAt ?? Date.now()) - pipeline.createdAt) / 1000),
    links: { self: { href: self }, steps: { href: `${self}/steps/` } },
  };
}

function pipelineState(pipeline: Pipeline, stage: string): object {
  if (pipeline.result !== undefined) {
    return {
      name: "COMPLETED",
      type: "pipeline_state_completed",
      result: { name: pipeline.result, type: `pipeline_state_completed_${pipeline.result.toLowerCase()}` },
    };
  }
  return {
    name: "IN_PROGRESS",
    type: "pipeline_state_in_progress",
    stage: { name: stage, type: `pipeline_state_in_progress_${stage.toLowerCase()}` },
  };
}

/** The step in Bitbucket's own form. */
export function stepToWire(
  step: Step,
  runner: { uuid: string; name: string; labels: readonly string[] } | undefined,
): object {
  const { definition, startedAt, completedAt } = step;
  return {
    type: "pipeline_step",
    uuid: step.uuid,
    name: definition.name,
    run_number: step.runNumber,
    pipeline: { type: "pipeline", uuid: step.pipeline.uuid },
    state: stepState(step),
    trigger: { type: `pipeline_step_trigger_${definition.manual ? "manual" : "automatic"}` },
    image: { name: "atlassian/default-image:latest" },
    max_time: definition.maxTimeMinutes,
    ...(startedAt === undefined ? {} : { started_on: iso(startedAt) }),
    ...(completedAt === undefined ? {} : { completed_on: iso(completedAt) }),
    setup_commands: [],
    script_commands: definition.script.map((command) => ({ name: command, command })),
    teardown_commands: [],
    ...(startedAt === undefined
      ? {}
      : { duration_in_seconds: Math.round(((completedAt ?? Date.now()) - startedAt) / 1000) }),
    build_seconds_used: 0,
    ...(runner === undefined ? {} : { runner }),
  };
}

function stepState(step: Step): object {
  const type = `pipeline_step_state_${step.state.toLowerCase()}`;
  if (step.result !== undefined) {
    const result = { name: step.result, type: `${type}_${step.result.toLowerCase()}` };
    return {
      name: step.state,
      type,
      result: step.error === undefined ? result : { ...result, error: step.error },
    };
  }
  if (step.state !== "PENDING") return { name: step.state, type };
  const stage = step.paused ? "PAUSED" : "PENDING";
  return { name: step.state, type, stage: { name: stage, type: `${type}_${stage.toLowerCase()}` } };
}

/** A time as Bitbucket writes it. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
