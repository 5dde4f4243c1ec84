import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";

export interface HeartbeatContext {
  readonly host: Pick<Host, "sleep" | "monotonicMs">;
  readonly log: Logger;
}

/** The longest silence in a log, and how often a terminal's last line moves, in milliseconds. */
export const SILENCE_MS = 30_000;
const MOVE_MS = 1_000;
/** What was said so much after the beginning of a silence begins no other. */
const TOLERANCE_MS = 1_000;

/** Does something, and tells beside it that what it waits for goes on. */
export async function withHeartbeat<T>(
  context: HeartbeatContext,
  run: (heartbeat: Heartbeat) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const heartbeat = new Heartbeat(context);
  const beating = heartbeat.beat(over.signal);
  try {
    return await run(heartbeat);
  } finally {
    over.abort();
    await beating;
    context.log.passing("");
  }
}

/** Tells what is waited for and how long already: at least every 30 s in a log, each second in a terminal's last line. */
export class Heartbeat {
  readonly #context: HeartbeatContext;
  #what: { readonly phase: string; readonly words: string; readonly sinceMs: number } | undefined;
  #toldMs: number;

  constructor(context: HeartbeatContext) {
    this.#context = context;
    this.#toldMs = context.host.monotonicMs();
  }

  /** This is waited for now; when it is something new, something has just been said. */
  waitsFor(phase: string, words: string, sinceMs = this.#context.host.monotonicMs()): void {
    if (phase === this.#what?.phase && words === this.#what.words) return;
    this.#toldMs = this.#context.host.monotonicMs();
    this.#what = { phase, words, sinceMs };
    this.#context.log.passing(this.#words());
  }

  /** Goes on until the signal aborts; never rejects. */
  async beat(signal: AbortSignal): Promise<void> {
    const { host, log } = this.#context;
    for (let leftMs = SILENCE_MS;;) {
      const moves = log.passing(this.#words());
      await host.sleep(moves ? MOVE_MS : leftMs, signal).catch(() => {});
      if (signal.aborted) return;
      const quietMs = host.monotonicMs() - this.#toldMs;
      const due = quietMs >= SILENCE_MS - TOLERANCE_MS;
      leftMs = due ? SILENCE_MS : SILENCE_MS - quietMs;
      if (due && !moves) this.#tell();
    }
  }

  #tell(): void {
    this.#toldMs = this.#context.host.monotonicMs();
    if (this.#what === undefined) return;
    this.#context.log.info(this.#words(), { phase: this.#what.phase, waitedS: this.#waitedS() });
  }

  #words(): string {
    return this.#what === undefined ? "" : `${this.#what.words} … ${this.#waitedS()} s`;
  }

  #waitedS(): number {
    return Math.round((this.#context.host.monotonicMs() - (this.#what?.sinceMs ?? 0)) / 1000);
  }
}
