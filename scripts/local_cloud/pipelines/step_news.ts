import type { Happenings } from "../server/happenings.ts";
import type { Step, StepResult } from "./pipeline.ts";

/** Brings a step from state to state, and tells of it. */
export class StepNews {
  readonly #happenings: Happenings;

  constructor(happenings: Happenings) {
    this.#happenings = happenings;
  }

  queued({ pipeline, definition }: Step): void {
    this.#happenings.emit({ type: "step queued", pipelineUuid: pipeline.uuid, step: definition.name });
  }

  begun(step: Step): void {
    step.state = "IN_PROGRESS";
    step.startedAt = Date.now();
    const { pipeline, uuid: stepUuid, runnerUuid, definition } = step;
    this.#happenings.emit({
      type: "step started",
      pipelineUuid: pipeline.uuid,
      step: definition.name,
      stepUuid,
      runnerUuid,
    });
  }

  printed(step: Step, line: string): void {
    step.output.push(line);
    const { pipeline, definition } = step;
    const beside = pipeline.items.some((item) => item.length > 1 && item.includes(step));
    this.#happenings.emit({
      type: "step output",
      pipelineUuid: pipeline.uuid,
      step: definition.name,
      line,
      beside,
    });
  }

  ended(step: Step, result: StepResult): StepResult {
    step.state = "COMPLETED";
    step.result = result;
    if (result !== "NOT_RUN") step.completedAt = Date.now();
    const { pipeline, uuid: stepUuid, definition } = step;
    this.#happenings.emit({
      type: "step ended",
      pipelineUuid: pipeline.uuid,
      step: definition.name,
      stepUuid,
      result,
    });
    return result;
  }
}
