import { isHere, type Lifecycle } from "../life/lifecycle_state.ts";
import type { StepTimes } from "../settings/agent_schema.ts";

/**
 * Takes the time in which a build's runners serve steps, by the wall clock, since phases are processes of their own. Where
 * several serve at once, that time counts once.
 */
export class StepClock {
  readonly #now: () => number;
  #times: StepTimes | undefined;
  /** The steps at work, by their runners' numbers. */
  readonly #atWork = new Map<number, string>();
  #beganMs = 0;

  /** `earlier` is what the phase before has taken. */
  constructor(now: () => number, earlier?: StepTimes | undefined) {
    this.#now = now;
    this.#times = earlier;
  }

  /** Sees whether a step has begun or ended. */
  note(life: Lifecycle, number = 1): void {
    const step = stepOf(life);
    if (step === this.#atWork.get(number)) return;
    this.#times = this.times;
    if (step === undefined) this.#atWork.delete(number);
    else this.#atWork.set(number, step);
    this.#beganMs = this.#now();
  }

  /** What was taken so far, that of a step under way included. */
  get times(): StepTimes | undefined {
    if (this.#atWork.size === 0) return this.#times;
    const lastMs = Math.max(this.#now(), this.#beganMs);
    const { firstMs = this.#beganMs, busyMs = 0 } = this.#times ?? {};
    return { firstMs, lastMs, busyMs: busyMs + lastMs - this.#beganMs };
  }
}

function stepOf(life: Lifecycle): string | undefined {
  return isHere(life) && life.work.kind === "step" ? life.work.step.stepUuid : undefined;
}
