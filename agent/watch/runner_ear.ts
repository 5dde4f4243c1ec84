import { messageOf } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { cleanText } from "../../shared/output/write_line.ts";
import type { LifecycleEvent } from "../life/lifecycle_state.ts";
import { parseRunnerLine, type RunnerEvent } from "../life/runner_log.ts";
import { AfterStep } from "./after_step.ts";
import { heardSoFar } from "./heard_so_far.ts";
import { nextBeat } from "./next_beat.ts";
import { RunnerHands } from "./runner_hands.ts";
import type { OutputPlaces } from "./runner_output.ts";
import { ShownOutput } from "./shown_output.ts";
import type { WatchedRunner } from "./watched_runner.ts";

/** What a wait brought, by whichever sense. */
export type Heard = readonly LifecycleEvent[];

/** Between looks at the runner's process: while it waits, and while its words tell of a step, whose machine is the user's. */
const PULSE_MS = { waiting: 1_000, inStep: 5_000 };
/** Between looks at what it has running while its words tell of a step: only to notice in the end that they are wrong. */
const HANDS_IN_STEP_MS = 60_000;
const LINES_KEPT = 20;
const LONGEST_KEPT = 500;
/** Readings of what is there when a phase begins; a flood that goes on meanwhile is read while the runner is watched. */
const MOST_FIRST_READINGS = 500;

/** What a later phase needs to go on listening where this one ends. */
export interface Reading {
  readonly places: OutputPlaces;
  readonly heard: readonly RunnerEvent[];
}

/**
 * The ear at the runner: passes its output on to the build's log and tells what it and its machine say. With
 * `endsLeftovers` what a step leaves running is ended before the next one.
 */
export class RunnerEar {
  readonly #host: Host;
  readonly #log: Logger;
  readonly #runner: Pick<WatchedRunner, "control" | "output" | "heard">;
  readonly #hands: RunnerHands;
  readonly #afterStep: AfterStep | undefined;
  readonly #shown: ShownOutput;
  #heard: readonly RunnerEvent[] = [];
  #nextPulse = 0;
  #unseen = false;
  #exited = false;
  #woken = false;
  /** Whether its words say that a step runs: then what it has running tells nothing more. */
  #inStep = false;
  #complaint = "";
  readonly #lastLines: string[] = [];

  constructor(
    host: Host,
    log: Logger,
    runner: Pick<WatchedRunner, "control" | "output" | "baseline" | "heard">,
    { endsLeftovers = false }: { readonly endsLeftovers?: boolean } = {},
  ) {
    this.#host = host;
    this.#log = log;
    this.#runner = runner;
    this.#hands = new RunnerHands(host, runner.control, runner.baseline);
    this.#afterStep = endsLeftovers ? new AfterStep(host, log, runner.control) : undefined;
    this.#shown = new ShownOutput(host, log);
  }

  /** The runner's last lines, redacted, for a failure's message. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** What the runner has running that is part of itself, for the next phase. */
  get baseline(): readonly string[] {
    return this.#hands.baseline;
  }

  get reading(): Reading {
    return { places: this.#runner.output.places, heard: this.#heard };
  }

  /** What an earlier phase has heard, and what is there already, without showing it. */
  *catchUp(): Iterable<RunnerEvent> {
    for (const event of this.#runner.heard ?? []) {
      this.#note(event);
      yield event;
    }
    // One reading takes no more than a part of what a flood has left.
    for (let count = 1; count <= MOST_FIRST_READINGS; count++) {
      yield* this.#read(false);
      if (!this.#runner.output.behind) return;
    }
  }

  /**
   * What the output and the looks that are due say since the last time; does not wait for anything. What cannot be heard is
   * warned of, and tried again the next time.
   */
  async hearNow(): Promise<Heard> {
    return [...await this.#safely(() => this.#read(true)), ...await this.#look()];
  }

  async #look(): Promise<Heard> {
    return [
      ...await this.#safely(() => this.#feelHands()),
      ...await this.#safely(() => this.#feelPulse()),
      ...await this.#safely(() => this.#tidy()),
    ];
  }

  /** Waits for something to hear until a moment in monotonic milliseconds; rejects when the signal aborts. */
  async listen(untilMs: number, signal: AbortSignal): Promise<Heard> {
    for (let heard = await this.hearNow();; heard = await this.#hearMore(untilMs)) {
      const now = this.#host.monotonicMs();
      if (heard.length > 0 || now >= untilMs || this.#woken) {
        this.#woken = false;
        return heard;
      }
      await this.#runner.output.waitForMore(Math.min(untilMs, this.#nextLook()) - now, signal);
    }
  }

  /** After a wait. The output is read when there may be more of it, and before anything else is told or done. */
  async #hearMore(untilMs: number): Promise<Heard> {
    const mayBeLast = this.#woken || this.#host.monotonicMs() >= untilMs;
    if (mayBeLast || this.#runner.output.mayHaveMore) return await this.hearNow();
    const looked = await this.#look();
    return looked.length === 0 ? looked : [...await this.#safely(() => this.#read(true)), ...looked];
  }

  /** Ends the listening under way, or the next one at once: there is something else to do. */
  wake(): void {
    this.#woken = true;
    this.#runner.output.ring();
  }

  /** What the runner has running at this very moment counts as part of itself from now on, and no step as at work. */
  async disregardHands(): Promise<void> {
    this.#inStep = false;
    await this.#hands.disregard();
  }

  /** A last look before the runner is stopped: what it has just said, and whether it has something running after all. */
  async lastLook(): Promise<Heard> {
    const hands = await this.#hands.lastLook().catch(() => undefined);
    const words = await this.#safely(() => this.#read(true));
    return hands === undefined ? words : [...words, { type: "hands", hands }];
  }

  /** Says what is to be said when the listening ends. */
  close(): void {
    this.#shown.close();
  }

  #nextLook(): number {
    if (this.#exited) return Infinity;
    return Math.min(this.#nextPulse, this.#hands.nextLook, this.#afterStep?.nextTask ?? Infinity);
  }

  async #safely(hear: () => Heard | Promise<Heard>): Promise<Heard> {
    try {
      return await hear();
    } catch (error) {
      const complaint = messageOf(error);
      if (complaint !== this.#complaint) this.#log.warning(complaint);
      this.#complaint = complaint;
      return [];
    }
  }

  async #feelHands(): Promise<Heard> {
    if (this.#exited || this.#host.monotonicMs() < this.#hands.nextLook) return [];
    const hands = await this.#hands.look(this.#inStep ? HANDS_IN_STEP_MS : undefined);
    return hands === undefined ? [] : [{ type: "hands", hands }];
  }

  async #feelPulse(): Promise<Heard> {
    const now = this.#host.monotonicMs();
    if (this.#exited || now < this.#nextPulse) return [];
    this.#nextPulse = nextBeat(now, this.#inStep ? PULSE_MS.inStep : PULSE_MS.waiting);
    const pulse = await this.#runner.control.pulse();
    await this.#runner.control.keepOutputFlowing();
    if (pulse === "unknown" && !this.#unseen) {
      this.#log.warning("It cannot be told whether the runner still runs: going on as if it did");
    }
    this.#unseen = pulse === "unknown";
    if (pulse !== "dead") return [];
    this.#exited = true;
    // Its last words may have come after the last reading.
    return [...await this.#safely(() => this.#read(true)), { type: "pulse", pulse }];
  }

  async #tidy(): Promise<Heard> {
    await this.#afterStep?.tend();
    return [];
  }

  #read(show: boolean): RunnerEvent[] {
    const { output } = this.#runner;
    const skippedBefore = output.skippedBytes;
    const lines = output.readNewLines();
    if (show) this.#shown.omit(output.skippedBytes - skippedBefore);
    return lines.flatMap((line, index) => {
      this.#pass(line, { show, keep: index >= lines.length - LINES_KEPT });
      const event = parseRunnerLine(line);
      if (event !== undefined) this.#note(event);
      return event ?? [];
    });
  }

  /** Most lines of a flood are neither shown nor kept: these are not worth the time that redacting takes. */
  #pass(line: string, { show, keep }: { show: boolean; keep: boolean }): void {
    const room = show && this.#shown.hasRoomFor(line);
    if (show && !room) this.#shown.omit(line.length);
    if (!room && !keep) return;
    if (room) this.#shown.show(line);
    this.#lastLines.push(cleanText(line, this.#log.redactor, LONGEST_KEPT));
    if (this.#lastLines.length > LINES_KEPT) this.#lastLines.shift();
  }

  #note(event: RunnerEvent): void {
    this.#heard = heardSoFar(this.#heard, event);
    if (event.type === "step started") {
      this.#inStep = true;
      this.#hands.stepSaidBegun();
      this.#afterStep?.began(event.step);
    }
    if (event.type === "step completed") {
      this.#inStep = false;
      this.#afterStep?.ended(this.#hands.baseline);
      this.#hands.stepSaidOver();
    }
  }
}
