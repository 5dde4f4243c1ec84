import type { Host } from "./host.ts";

/** How a wait ended. An abort is not among them: it rejects with the signal's reason. */
export type WaitOutcome<T> = { readonly kind: "done"; readonly value: T } | { readonly kind: "timed out" };

export interface WaitOptions {
  /** Longest time in milliseconds; `Infinity` waits for ever. */
  readonly timeoutMs: number;
  /** Milliseconds until the next look, asked for after each look. */
  readonly intervalMs: (look: number) => number;
  readonly signal?: AbortSignal | undefined;
}

/** The one way to wait: looks again and again until `look` returns something other than undefined. */
export async function waitFor<T>(
  host: Pick<Host, "sleep" | "monotonicMs">,
  look: () => Promise<T | undefined> | T | undefined,
  options: WaitOptions,
): Promise<WaitOutcome<T>> {
  const deadline = host.monotonicMs() + options.timeoutMs;
  for (let count = 1;; count++) {
    options.signal?.throwIfAborted();
    const value = await look();
    if (value !== undefined) return { kind: "done", value };
    const left = deadline - host.monotonicMs();
    if (left <= 0) return { kind: "timed out" };
    await host.sleep(Math.min(options.intervalMs(count), left), options.signal);
  }
}
