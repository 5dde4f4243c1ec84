import type { Host } from "../../shared/program/host.ts";

/** Timers take no more milliseconds than this (24 days). */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/**
 * Runs something under a signal that aborts with `reason` after `ms` milliseconds, or as `signal` does before that.
 */
export async function withDeadline<T>(
  host: Pick<Host, "sleep">,
  options: { readonly ms: number; readonly reason: unknown; readonly signal: AbortSignal },
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const done = new AbortController();
  const timer = host.sleep(Math.min(options.ms, LONGEST_SLEEP_MS), done.signal)
    .then(() => deadline.abort(options.reason), () => {});
  try {
    return await run(AbortSignal.any([options.signal, deadline.signal]));
  } finally {
    done.abort();
    await timer;
  }
}
