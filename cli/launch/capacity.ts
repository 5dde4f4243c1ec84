const SHORTEST_MS = 5_000;
const LONGEST_MS = 60_000;

/**
 * How long to wait before StartBuild is tried again at a concurrency limit, in milliseconds: twice as long each
 * time, up to a minute, and spread so that the pipelines that wait do not all come back at once.
 */
export function capacityDelayMs(attempt: number, random: number): number {
  const most = Math.min(SHORTEST_MS * 2 ** (attempt - 1), LONGEST_MS);
  return Math.round(most * (0.5 + random / 2));
}
