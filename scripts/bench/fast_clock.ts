import type { Host } from "../../shared/program/host.ts";

/** The longest pause before the rate is looked at again, and the shortest that is worth making, in real milliseconds. */
const LONGEST_PAUSE_MS = 20;
const SHORTEST_PAUSE_MS = 2;

/**
 * A machine whose clock runs as fast as a file says, which holds the seconds that pass in one real second; 1 without the file.
 * Whoever does the work of a step can so have half an hour pass in half a minute, while requests, processes and all that
 * comes before and after the step take their real time.
 */
export function fastHost(host: Host, rateFile: string): Host {
  const clock = new FastClock(host, rateFile);
  const startedAt = host.now();
  return {
    ...host,
    now: () => startedAt + clock.elapsedMs(),
    monotonicMs: () => clock.elapsedMs(),
    async sleep(ms, signal) {
      const end = clock.elapsedMs() + ms;
      for (let left = ms; left > 0; left = end - clock.elapsedMs()) {
        const pauseMs = Math.max(SHORTEST_PAUSE_MS, Math.min(left / clock.rate, LONGEST_PAUSE_MS));
        await host.sleep(pauseMs, signal);
      }
    },
  };
}

class FastClock {
  readonly #host: Host;
  readonly #rateFile: string;
  #lookedMs: number;
  #elapsedMs = 0;
  rate = 1;

  constructor(host: Host, rateFile: string) {
    this.#host = host;
    this.#rateFile = rateFile;
    this.#lookedMs = host.monotonicMs();
  }

  elapsedMs(): number {
    const now = this.#host.monotonicMs();
    this.#elapsedMs += (now - this.#lookedMs) * this.rate;
    // Looked at no more than once in a millisecond: the agent asks for the time often.
    if (now - this.#lookedMs >= 1) this.rate = readRate(this.#rateFile);
    this.#lookedMs = now;
    return this.#elapsedMs;
  }
}

function readRate(file: string): number {
  try {
    return Number(Deno.readTextFileSync(file)) || 1;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 1;
    throw error;
  }
}
