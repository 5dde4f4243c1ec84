import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { TimeoutError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import { isQueued } from "./build_progress.ts";
import { LONGEST_SLEEP_MS } from "./deadline.ts";

/** How long a build may wait in CodeBuild's queue where neither it nor anybody says so. Source: CodeBuild's quotas. */
const LONGEST_QUEUE_MIN = 480;
/** CodeBuild ends what is queued for too long by itself; for it to do so, in milliseconds. */
const QUEUE_GRACE_MS = 120_000;
/** Looks may be half a minute apart, so that much later than this nobody knows of a build that it is queued. */
const LOOKS_MS = 60_000;
/** The first look comes after two seconds, and may be tried more than once. */
const FIRST_LOOK_MS = 20_000;

export interface StartupWait {
  readonly host: Pick<Host, "sleep" | "monotonicMs">;
  /** How long the runner may take once its build has a machine, in milliseconds. */
  readonly startupMs: number;
  /** What was asked for; the build knows its project's own. */
  readonly queuedTimeoutMinutes: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * The time that a start may take: as long as looks show the build in CodeBuild's queue, up to the queue's own limit, and then
 * the start-up timeout. Its signal aborts with `reason` when that is over, or as the start's own does.
 */
export class StartupClock {
  readonly reason = new TimeoutError("The time for the start is over");
  readonly signal: AbortSignal;
  readonly #wait: StartupWait;
  readonly #over = new AbortController();
  readonly #acceptedMs: number;
  #alarm: { readonly atMs: number; readonly timer: AbortController } | undefined;
  #endsMs = 0;
  #queueEndsMs = 0;
  #left = false;
  #queuedLooks = 0;

  constructor(wait: StartupWait) {
    this.#wait = wait;
    this.#acceptedMs = wait.host.monotonicMs();
    this.signal = AbortSignal.any([wait.signal, this.#over.signal]);
  }

  /** Told of each look at the build. */
  note(build: KnownBuild): void {
    if (this.#left) return;
    const { host, startupMs } = this.#wait;
    const now = host.monotonicMs();
    this.#left = !isQueued(build);
    if (!this.#left) this.#queuedLooks++;
    this.#queueEndsMs = this.#acceptedMs + this.queueMinutes(build) * 60_000 + QUEUE_GRACE_MS;
    const patienceMs = this.#queuedLooks === 1 ? FIRST_LOOK_MS : LOOKS_MS;
    this.#endsMs = this.#left
      ? now + startupMs
      : Math.min(now + Math.max(startupMs, patienceMs), this.#queueEndsMs);
    if (this.#alarm === undefined || this.#endsMs < this.#alarm.atMs) this.#setAlarm();
  }

  /** Whether the build has just turned out to be in the queue for more than a moment. */
  get staysQueued(): boolean {
    return !this.#left && this.#queuedLooks === 3;
  }

  /** Whether the build has been in the queue for longer than that lets it. */
  get queueIsOver(): boolean {
    return !this.#left && this.#wait.host.monotonicMs() >= this.#queueEndsMs;
  }

  /** How long the build may stay in the queue, in minutes. */
  queueMinutes({ queuedTimeoutInMinutes }: KnownBuild): number {
    return queuedTimeoutInMinutes ?? this.#wait.queuedTimeoutMinutes ?? LONGEST_QUEUE_MIN;
  }

  /** Ends the clock, which its signal outlives without effect. */
  [Symbol.dispose](): void {
    this.#alarm?.timer.abort();
  }

  #setAlarm(): void {
    this.#alarm?.timer.abort();
    const { host } = this.#wait;
    const timer = new AbortController();
    const ms = Math.min(Math.max(this.#endsMs - host.monotonicMs(), 0), LONGEST_SLEEP_MS);
    this.#alarm = { atMs: host.monotonicMs() + ms, timer };
    host.sleep(ms, timer.signal).then(() => this.#ring(), () => {});
  }

  /** The end may have been put off since the alarm was set. */
  #ring(): void {
    if (this.#wait.host.monotonicMs() < this.#endsMs) this.#setAlarm();
    else this.#over.abort(this.reason);
  }
}
