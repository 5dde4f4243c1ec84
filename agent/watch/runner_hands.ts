import type { Host } from "../../shared/program/host.ts";
import type { Hands } from "../life/lifecycle_state.ts";
import type { RunnerControl } from "../runner/runner.ts";
import { nextBeat } from "./next_beat.ts";

/** Two looks that agree are believed; one may have met a helper that lives for a moment. */
const LOOK_MS = 500;

/** What the runner has running beside what belongs to itself: the sense that does not depend on words. */
export class RunnerHands {
  readonly #host: Pick<Host, "monotonicMs">;
  readonly #control: Pick<RunnerControl, "work">;
  #baseline: ReadonlySet<string>;
  #told: Hands = "unknown";
  #seen: Hands | undefined;
  #rebase = false;
  /** When to look next, in monotonic milliseconds. */
  nextLook = 0;

  constructor(
    host: Pick<Host, "monotonicMs">,
    control: Pick<RunnerControl, "work">,
    baseline: readonly string[],
  ) {
    this.#host = host;
    this.#control = control;
    this.#baseline = new Set(baseline);
  }

  get baseline(): readonly string[] {
    return [...this.#baseline];
  }

  /** What has changed, once two looks agree; undefined while nothing has. The next look is due after `gapMs`. */
  async look(gapMs = LOOK_MS): Promise<Hands | undefined> {
    this.nextLook = nextBeat(this.#host.monotonicMs(), gapMs);
    if (this.#rebase) await this.disregard();
    const full = await this.full();
    const seen = full === undefined ? "unknown" : full ? "busy" : "idle";
    const confirmed = seen === this.#seen || (seen === "idle" && this.#told === "unknown");
    this.#seen = seen;
    if (!confirmed || seen === this.#told) return undefined;
    return this.#told = seen;
  }

  /** A look out of turn, whose «busy» counts at once; that it is over is told like any other change. */
  async lastLook(): Promise<Hands | undefined> {
    if (await this.full() !== true) return undefined;
    return this.#seen = this.#told = "busy";
  }

  /** Whether something runs now that is not part of the runner; undefined when that cannot be told. */
  async full(): Promise<boolean | undefined> {
    const work = await this.#control.work();
    return work?.some((id) => !this.#baseline.has(id));
  }

  /** What runs from now on is a step's, by the runner's own words: none of it counts as part of the runner. */
  stepSaidBegun(): void {
    this.#rebase = false;
  }

  /** Whatever runs at the next look is the rest of a step that is over, by the runner's own words. */
  stepSaidOver(): void {
    this.#rebase = true;
    this.nextLook = 0;
  }

  /** Whatever runs now is part of the runner, as far as anybody knows. */
  async disregard(): Promise<void> {
    const work = await this.#control.work();
    if (work === undefined) return;
    this.#baseline = new Set(work);
    this.#rebase = false;
    this.#told = "idle";
    this.#seen = "idle";
  }
}
