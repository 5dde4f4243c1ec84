import type { PipelineStep } from "../../shared/calls/bitbucket_schema.ts";

/** How steps ended by Bitbucket's word, gathered from all that it was asked for anyway. */
export class StepResults {
  readonly #results = new Map<string, string>();

  /** Takes up what a list of steps tells of those that are over. */
  note(steps: readonly PipelineStep[]): void {
    for (const { uuid, state } of steps) {
      if (state.name === "COMPLETED" && state.result) this.#results.set(uuid, state.result.name);
    }
  }

  /** A step's result, as in SUCCESSFUL; undefined where Bitbucket has not told it. */
  of(stepUuid: string): string | undefined {
    return this.#results.get(stepUuid);
  }
}
