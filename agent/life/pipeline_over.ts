import type { Pipeline, PipelineStep } from "../../shared/calls/bitbucket_schema.ts";

/** Whether a pipeline has ended, or a person has to act before it goes on. Source: state and stage names of the API. */
export function pipelineOver(pipeline: Pipeline): "ended" | "at a manual gate" | undefined {
  if (pipeline.state.name === "COMPLETED") return "ended";
  const stage = pipeline.state.stage?.name;
  return stage === "PAUSED" || stage === "HALTED" ? "at a manual gate" : undefined;
}

/**
 * The number of the run in which a pipeline has failed, so that Bitbucket offers to run its failed steps again; undefined
 * for one that passed, was stopped, or goes on.
 */
export function failedRun({ state, run_number }: Pipeline): number | undefined {
  const result = state.name === "COMPLETED" ? state.result?.name : undefined;
  return result === "FAILED" || result === "ERROR" ? run_number ?? 1 : undefined;
}

/** Whether the steps show a manual gate; a pipeline in front of one may still call itself RUNNING. */
export function waitsForPerson(steps: readonly PipelineStep[]): boolean {
  const unfinished = steps.filter((step) => step.state.name !== "COMPLETED");
  if (unfinished.some((step) => step.state.name !== "PENDING")) return false;
  const next = unfinished[0];
  return next !== undefined && /manual/.test(next.trigger?.type ?? "");
}
