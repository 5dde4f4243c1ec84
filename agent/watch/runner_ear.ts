import type { Host } from "../../shared/program/host.ts";
import { type Logger, QUOTED } from "../../shared/program/log.ts";
import { cleanText, writeLine } from "../../shared/program/write_line.ts";
import type { LifecycleEvent } from "../life/lifecycle_state.ts";
import { parseRunnerLine, type RunnerEvent } from "../life/runner_log.ts";
import { RunnerHands } from "./runner_hands.ts";
import type { WatchedRunner } from "./watched_runner.ts";

/** What a wait brought, by whichever sense. */
export type Heard = readonly LifecycleEvent[];

/** Between looks at the runner's process: while it waits, and while its words tell of a step, whose machine is the user's. */
const PULSE_MS = { waiting: 1_000, inStep: 5_000 };
const LINES_KEPT = 20;
const LONGEST_KEPT = 500;

/** The ear at the runner: passes its output on to the build's log and tells what it and its machine say. */
export class RunnerEar {
  readonly #host: Host;
  readonly #log: Logger;
  readonly #runner: Pick<WatchedRunner, "control" | "output">;
  readonly #hands: RunnerHands;
  #nextPulse = 0;
  #unseen = false;
  #exited = false;
  /** Whether its words say that a step runs: then what it has running tells nothing more. */
  #inStep = false;
  readonly #lastLines: string[] = [];

  constructor(host: Host, log: Logger, runner: Pick<WatchedRunner, "control" | "output" | "baseline">) {
    this.#host = host;
    this.#log = log;
    this.#runner = runner;
    this.#hands = new RunnerHands(host, runner.control, runner.baseline);
  }

  /** The runner's last lines, redacted, for a failure's message. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** What the runner has running that is part of itself, for the next phase. */
  get baseline(): readonly string[] {
    return this.#hands.baseline;
  }

  /** Reads what is there already, without showing it: an earlier phase has. */
  catchUp(): readonly RunnerEvent[] {
    const events: RunnerEvent[] = [];
    // One reading takes no more than a part of what a flood has left.
    do events.push(...this.#read(false)); while (this.#runner.output.behind);
    return events;
  }

  /** What the output and the looks that are due say since the last time; does not wait for anything. */
  async hearNow(): Promise<Heard> {
    return [...this.#read(true), ...await this.#look()];
  }

  /** Waits for something to hear until a moment in monotonic milliseconds; rejects when the signal aborts. */
  async listen(untilMs: number, signal: AbortSignal): Promise<Heard> {
    for (;;) {
      const heard = await this.hearNow();
      const now = this.#host.monotonicMs();
      if (heard.length > 0 || now >= untilMs) return heard;
      await this.#runner.output.waitForMore(Math.min(untilMs, this.#nextLook()) - now, signal);
    }
  }

  /** What the runner has running at this very moment counts as part of itself from now on. */
  async disregardHands(): Promise<void> {
    await this.#hands.disregard();
  }

  /** A last look before the runner is stopped: whether it has something running after all. */
  async handsAreFull(): Promise<boolean> {
    return await this.#hands.full() === true;
  }

  #nextLook(): number {
    if (this.#exited) return Infinity;
    return this.#inStep ? this.#nextPulse : Math.min(this.#nextPulse, this.#hands.nextLook);
  }

  async #look(): Promise<LifecycleEvent[]> {
    if (this.#exited) return [];
    const now = this.#host.monotonicMs();
    const hands = this.#inStep || now < this.#hands.nextLook ? undefined : await this.#hands.look();
    const events: LifecycleEvent[] = hands === undefined ? [] : [{ type: "hands", hands }];
    if (now < this.#nextPulse) return events;
    this.#nextPulse = now + (this.#inStep ? PULSE_MS.inStep : PULSE_MS.waiting);
    const pulse = await this.#runner.control.pulse();
    await this.#runner.control.keepOutputFlowing();
    if (pulse === "unknown" && !this.#unseen) {
      this.#log.warning("It cannot be told whether the runner still runs: going on as if it did");
    }
    this.#unseen = pulse === "unknown";
    if (pulse !== "dead") return events;
    this.#exited = true;
    // Its last words may have come after the last reading.
    return [...events, ...this.#read(true), { type: "pulse", pulse }];
  }

  #read(show: boolean): RunnerEvent[] {
    return this.#runner.output.readNewLines().flatMap((line) => {
      const { redactor } = this.#log;
      if (show) writeLine(this.#host.stdout, line, redactor, QUOTED);
      this.#lastLines.push(cleanText(line, redactor, LONGEST_KEPT));
      if (this.#lastLines.length > LINES_KEPT) this.#lastLines.shift();
      const event = parseRunnerLine(line);
      if (event?.type === "step started") this.#inStep = true;
      if (event?.type === "step completed") {
        this.#inStep = false;
        this.#hands.stepSaidOver();
      }
      return event ?? [];
    });
  }
}
