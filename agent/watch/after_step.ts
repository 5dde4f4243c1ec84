import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import type { StepRef } from "../life/runner_log.ts";
import { ticksSinceBoot } from "../process/process_table.ts";
import type { Leftover, OverStep, RunnerControl } from "../runner/runner.ts";

/** Much of what a step leaves ends by itself in the next moment. */
const PATIENCE_MS = 200;
/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 3_000;
/** More would fill the log with what a step may have started by thousands. */
const MOST_NAMED = 20;
/** Steps that followed each other too closely for a look are looked after together; more are not remembered. */
const MOST_STEPS = 10;

/** What is done next about a step that is over, and when in monotonic milliseconds. */
interface Task {
  readonly at: number;
  readonly run: () => Promise<Task | undefined>;
}

/**
 * Names and ends what a step leaves running, so that it does not reach the next one. Only between a step's end and the
 * next one's beginning, by the runner's own words; whatever is not beyond doubt the step's is named and left alone.
 */
export class AfterStep {
  readonly #host: Pick<Host, "monotonicMs">;
  readonly #log: Logger;
  readonly #control: Pick<RunnerControl, "leftBehind">;
  #step: Omit<OverStep, "known"> | undefined;
  /** Those that are over, and have not been looked after. */
  #over: OverStep[] = [];
  #task: Task | undefined;

  constructor(host: Pick<Host, "monotonicMs">, log: Logger, control: Pick<RunnerControl, "leftBehind">) {
    this.#host = host;
    this.#log = log;
    this.#control = control;
  }

  /** When there is something to do, in monotonic milliseconds. */
  get nextTask(): number {
    return this.#task?.at ?? Infinity;
  }

  began({ stepUuid }: StepRef): void {
    this.#task = undefined;
    if (stepUuid !== this.#step?.stepUuid) this.#step = { stepUuid, beganTicks: ticksSinceBoot() };
  }

  /** `known`: what the runner had running before the step. */
  ended(known: readonly string[]): void {
    if (this.#step === undefined) return;
    this.#over = [...this.#over.slice(1 - MOST_STEPS), { ...this.#step, known: new Set(known) }];
    this.#step = undefined;
    this.#task = this.#after(PATIENCE_MS, () => this.#nameAndEnd());
  }

  /** Does what is due. */
  async tend(): Promise<void> {
    const task = this.#task;
    if (task === undefined || this.#host.monotonicMs() < task.at) return;
    const next = await task.run();
    // A step that began meanwhile ends the matter.
    if (this.#task === task) this.#task = next;
  }

  #after(ms: number, run: Task["run"]): Task {
    return { at: this.#host.monotonicMs() + ms, run };
  }

  async #nameAndEnd(): Promise<Task | undefined> {
    const task = this.#task;
    const ending: Leftover[] = [];
    for (const step of [...this.#over]) {
      const left = await this.#control.leftBehind(step);
      if (this.#task !== task) return undefined;
      this.#over.shift();
      const safe = left.filter(({ signal }) => signal !== undefined);
      this.#name(`Step ${step.stepUuid} has left running`, left.filter(({ signal }) => signal === undefined));
      this.#name(`Ending what step ${step.stepUuid} has left running`, safe);
      for (const { signal } of safe) signal?.("SIGTERM");
      ending.push(...safe);
    }
    if (ending.length === 0) return undefined;
    return this.#after(GRACE_MS, () => {
      for (const { signal } of ending) signal?.("SIGKILL");
      return Promise.resolve(undefined);
    });
  }

  #name(what: string, left: readonly Leftover[]): void {
    if (left.length > 0) this.#log.warning(`${what}: ${listOf(left)}`);
  }
}

function listOf(left: readonly Leftover[]): string {
  const names = left.slice(0, MOST_NAMED).map(({ name }) => name).join(", ");
  return left.length > MOST_NAMED ? `${names} and ${left.length - MOST_NAMED} more` : names;
}
