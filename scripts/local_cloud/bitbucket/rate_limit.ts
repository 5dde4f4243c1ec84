/** A limit of requests within any stretch of one window, counted for each credential on its own. */
export class RateLimit {
  readonly #most: number;
  readonly #windowMs: number;
  readonly #times = new Map<string, number[]>();

  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Counts a request, unless the limit is reached; `resetMs` is the time until the oldest one no longer counts. */
  take(credential: string): { allowed: boolean; left: number; resetMs: number } {
    const now = Date.now();
    const recent = (this.#times.get(credential) ?? []).filter((time) => time > now - this.#windowMs);
    this.#times.set(credential, recent);
    const allowed = recent.length < this.#most;
    if (allowed) recent.push(now);
    const resetMs = (recent[0] ?? now) + this.#windowMs - now;
    return { allowed, left: this.#most - recent.length, resetMs };
  }
}
