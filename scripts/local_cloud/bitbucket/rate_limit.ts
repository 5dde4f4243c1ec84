/** A limit of requests within any stretch of one window, counted for each credential on its own. */
export class RateLimit {
  readonly #most: number;
  readonly #windowMs: number;
  readonly #times = new Map<string, number[]>();

  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Counts a request, unless the limit is reached; `waitMs` says when the next one would pass then. */
  take(credential: string): { allowed: boolean; left: number; waitMs: number } {
    const now = Date.now();
    const recent = (this.#times.get(credential) ?? []).filter((time) => time > now - this.#windowMs);
    this.#times.set(credential, recent);
    const oldest = recent[0] ?? now;
    if (recent.length >= this.#most) {
      return { allowed: false, left: 0, waitMs: oldest + this.#windowMs - now };
    }
    recent.push(now);
    return { allowed: true, left: this.#most - recent.length, waitMs: 0 };
  }
}
