import type { JointLook, KnownBuild, Look } from "../../shared/aws/aws_codebuild.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { type BuildLooks, isPassing } from "../wait/build_looks.ts";
import { isQueued } from "../wait/build_progress.ts";
import { keepSession } from "../wait/keep_session.ts";
import { LookPace } from "../wait/look_pace.ts";

/** Between two requests that somebody cannot wait for, in milliseconds, and for all of those to come together. */
const [SOONEST_MS, GATHER_MS] = [1_000, 50];

interface Waiter {
  readonly buildId: string;
  /** When its look is due, on the monotonic clock. */
  readonly dueMs: number;
  /** Whether it comes before the usual pace, and wants to know why a look has failed. */
  readonly soon: boolean;
  settle(look: Look | undefined): void;
  fail(error: unknown): void;
}

/**
 * Looks at many builds, with one request for all that are waited for: CodeBuild throttles an account as a whole. Whoever waits
 * goes along with the look that is due first.
 */
export class SharedLooks implements BuildLooks {
  readonly #context: Pick<StartContext, "host" | "log" | "session">;
  readonly #running = new LookPace();
  readonly #queued = new LookPace();
  readonly #known = new Set<string>();
  readonly #waiters = new Set<Waiter>();
  #round: { readonly waiters: Set<Waiter>; readonly over: AbortController } | undefined;
  #nap = new AbortController();
  #serving = false;
  #lookedMs = -Infinity;
  #interval = { runningMs: 0, queuedMs: 0 };

  constructor(context: Pick<StartContext, "host" | "log" | "session">) {
    this.#context = context;
  }

  next(build: KnownBuild, signal: AbortSignal): Promise<Look | undefined> {
    const { runningMs, queuedMs } = this.#interval;
    const dueMs = this.#known.has(build.id)
      ? this.#lookedMs + (isQueued(build) ? queuedMs : runningMs)
      : this.#context.host.monotonicMs() + this.#running.firstMs;
    this.#known.add(build.id);
    return this.#join({ buildId: build.id, dueMs, soon: false }, signal);
  }

  /** Looks as soon as the others have come who want the same. Rejects as BatchGetBuilds does. */
  async soon(buildId: string, signal: AbortSignal = new AbortController().signal): Promise<Look> {
    const nowMs = this.#context.host.monotonicMs();
    const dueMs = Math.max(nowMs + GATHER_MS, this.#lookedMs + SOONEST_MS);
    return await this.#join({ buildId, dueMs, soon: true }, signal) ?? { build: undefined, retried: false };
  }

  #join(wish: Pick<Waiter, "buildId" | "dueMs" | "soon">, signal: AbortSignal): Promise<Look | undefined> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const leave = () => {
        this.#leave(waiter);
        reject(signal.reason);
      };
      const done = () => signal.removeEventListener("abort", leave);
      const waiter: Waiter = {
        ...wish,
        settle: (look) => (done(), resolve(look)),
        fail: (error) => (done(), reject(error)),
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiters.add(waiter);
      this.#nap.abort();
      if (!this.#serving) void this.#serve();
    });
  }

  /** A request that nobody waits for any more is cut short: the next may be urgent. */
  #leave(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size === 0) this.#nap.abort();
    if (this.#round?.waiters.delete(waiter) && this.#round.waiters.size === 0) this.#round.over.abort();
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    while (this.#waiters.size > 0) {
      if (await this.#isDue()) await this.#look();
    }
    this.#serving = false;
  }

  /** Waits until the first look is due, or for somebody to come or go who may change that. */
  async #isDue(): Promise<boolean> {
    const { host } = this.#context;
    this.#nap = new AbortController();
    const paceMs = this.#lookedMs + this.#interval.runningMs;
    const due = [...this.#waiters].map(({ dueMs, soon }) => soon ? dueMs : Math.max(dueMs, paceMs));
    const leftMs = Math.min(...due) - host.monotonicMs();
    if (leftMs <= 0) return true;
    return await host.sleep(leftMs, this.#nap.signal).then(() => true, () => false);
  }

  async #look(): Promise<void> {
    const { host } = this.#context;
    const round = { waiters: new Set(this.#waiters), over: new AbortController() };
    this.#round = round;
    this.#waiters.clear();
    this.#lookedMs = host.monotonicMs();
    let throttled = true;
    try {
      const { builds, retried } = await this.#ask(round.waiters, round.over.signal);
      throttled = retried;
      const found = new Map(builds.map((build) => [build.id, build]));
      this.#paceAfter(throttled);
      for (const one of round.waiters) one.settle({ build: found.get(one.buildId), retried });
    } catch (error) {
      this.#paceAfter(throttled);
      this.#tell(error, round.waiters);
    }
    this.#round = undefined;
  }

  async #ask(waiters: ReadonlySet<Waiter>, signal: AbortSignal): Promise<JointLook> {
    const { session, log } = this.#context;
    const ids = [...new Set([...waiters].map(({ buildId }) => buildId))];
    await keepSession({ session, log, signal }, ids[0] ?? "");
    return await session.call((codebuild) => codebuild.lookAtAll(ids, signal), signal);
  }

  #tell(error: unknown, waiters: ReadonlySet<Waiter>): void {
    const patient = [...waiters].filter(({ soon }) => isPassing(error) && !soon);
    if (isPassing(error) && patient.length > 0) {
      this.#context.log.warning(`${error.message}; looking again later`);
    }
    for (const one of waiters) {
      if (patient.includes(one)) one.settle(undefined);
      else one.fail(error);
    }
  }

  #paceAfter(throttled: boolean): void {
    this.#interval = {
      runningMs: this.#running.nextMs({ queued: false, throttled }),
      queuedMs: this.#queued.nextMs({ queued: true, throttled }),
    };
  }
}
