/** Rarely while the build waits in the queue, where looks show nothing. */
const QUEUED_MS = 5_100;
/** A little under the two seconds within which the runner's being online is to be noticed. */
const RUNNING_MS = 1_800;
/** The first look comes soon, since most builds leave the queue at once. */
const FIRST_MS = 2_000;
const LONGEST_MS = 30_000;
const RECOVERY = 0.8;

/**
 * How long to wait between the beginnings of two looks at the build. CodeBuild throttles an account as a whole, so
 * each look that was throttled doubles the interval, and each one that was not shortens it again, slowly.
 */
export class LookPace {
  #stretch = 1;

  /** Milliseconds from StartBuild's answer to the first look. */
  get firstMs(): number {
    return FIRST_MS;
  }

  /** Milliseconds until the next look, given what the last one found. */
  nextMs(last: { readonly queued: boolean; readonly throttled: boolean }): number {
    const baseMs = last.queued ? QUEUED_MS : RUNNING_MS;
    this.#stretch = last.throttled
      ? Math.min(this.#stretch * 2, LONGEST_MS / RUNNING_MS)
      : Math.max(this.#stretch * RECOVERY, 1);
    return Math.min(baseMs * this.#stretch, LONGEST_MS);
  }
}
