/**
 * When something is done next that is done again and again, `gapMs` milliseconds apart: at a whole multiple of them, so that all
 * who look at the machine do so at the same moments; never sooner than after half of them.
 */
export function nextBeat(nowMs: number, gapMs: number): number {
  return Math.ceil((nowMs + gapMs / 2) / gapMs) * gapMs;
}
