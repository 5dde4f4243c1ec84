import type { PipelineStep } from "../../shared/calls/bitbucket_schema.ts";
import type { StepRef } from "../life/runner_log.ts";

/** How steps ended by Bitbucket's word, gathered from all that it was asked for anyway. */
export class StepResults {
  readonly #results = new Map<string, string>();
  /** The latest list of each pipeline's steps. */
  readonly #lists = new Map<string, readonly PipelineStep[]>();

  /** Takes up what the list of a pipeline's steps tells of those that are over. */
  note(pipelineUuid: string, steps: readonly PipelineStep[]): void {
    this.#lists.set(pipelineUuid, steps);
    for (const { uuid, state } of steps) {
      if (state.name === "COMPLETED" && state.result) this.#results.set(uuid, state.result.name);
    }
  }

  /** A step begins: what is known of its result is that of an earlier run. */
  forget(stepUuid: string): void {
    this.#results.delete(stepUuid);
  }

  /** Whether another step has taken the place of a failed one that was run again; a rerun may keep the UUID, or give a new one. */
  wasReplaced({ pipelineUuid, stepUuid }: StepRef): boolean {
    const steps = this.#lists.get(pipelineUuid) ?? [];
    const step = steps.find(({ uuid }) => uuid === stepUuid);
    return steps.some(({ name, run_number }) =>
      (run_number ?? 1) > (step?.run_number ?? 1) && (step === undefined || name === step.name)
    );
  }

  /** A step's result, as in SUCCESSFUL; undefined where Bitbucket has not told it. */
  of(stepUuid: string): string | undefined {
    return this.#results.get(stepUuid);
  }
}
