import { isHere, type Lifecycle } from "../life/lifecycle_state.ts";
import type { StepTimes } from "../settings/agent_schema.ts";

/** Takes the time of the steps that a runner serves, by the wall clock, since phases are processes of their own. */
export class StepClock {
  readonly #now: () => number;
  #times: StepTimes | undefined;
  #step: string | undefined;
  #beganMs = 0;

  /** `earlier` is what the phase before has taken. */
  constructor(now: () => number, earlier?: StepTimes | undefined) {
    this.#now = now;
    this.#times = earlier;
  }

  /** Sees whether a step has begun or ended. */
  note(life: Lifecycle): void {
    const step = atWork(life);
    if (step === this.#step) return;
    this.#times = this.times;
    this.#step = step;
    this.#beganMs = this.#now();
  }

  /** What was taken so far, that of a step under way included. */
  get times(): StepTimes | undefined {
    if (this.#step === undefined) return this.#times;
    const lastMs = Math.max(this.#now(), this.#beganMs);
    const { firstMs = this.#beganMs, busyMs = 0 } = this.#times ?? {};
    return { firstMs, lastMs, busyMs: busyMs + lastMs - this.#beganMs };
  }
}

function atWork(life: Lifecycle): string | undefined {
  return isHere(life) && life.work.kind === "step" ? life.work.step.stepUuid : undefined;
}
