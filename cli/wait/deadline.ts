import { TimeoutError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";

/** Timers take no more milliseconds than this (24 days). */
export const LONGEST_SLEEP_MS = 2 ** 31 - 1;

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

/**
 * Runs something that nothing but the time may end: after `ms` milliseconds its signal aborts and the answer is
 * undefined. Other failures are its own.
 */
export async function within<T>(
  host: Pick<Host, "sleep">,
  ms: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const reason = new TimeoutError(`It has taken longer than ${ms / 1000} s`);
  const signal = new AbortController().signal;
  return await withDeadline(host, { ms, reason, signal }, run).catch((error) => {
    if (error === reason) return undefined;
    throw error;
  });
}
