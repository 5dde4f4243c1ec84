/** How the pauses between attempts grow, in milliseconds. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs?: number;
}

/**
 * The pause after the `attempt`-th failure in a row, from 1: twice as long each time, up to the longest, and spread over its
 * second half by `random`, so that builds that failed together do not come back together.
 */
export function backoffMs(
  { firstMs, longestMs = Infinity }: Backoff,
  attempt: number,
  random: number,
): number {
  return Math.min(firstMs * 2 ** (attempt - 1), longestMs) * (0.5 + random / 2);
}
