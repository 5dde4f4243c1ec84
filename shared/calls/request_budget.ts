import type { Host } from "../program/host.ts";

/** What the last answers said about the rate limit; times in milliseconds. */
export interface BudgetView extends Partial<Limits> {
  /** Answers 429 within the last ten minutes. */
  readonly recentRefusals: number;
  /** Own requests within the last hour. */
  readonly recentRequests: number;
}

/** The most by which intervals are stretched. */
export const LONGEST_STRETCH = 8;

/** What one build may ask for in an hour before it makes room: fifty builds share 1,000 requests, few run long. */
const FAIR_SHARE = 40;

/**
 * By how much to stretch intervals, from 1 to `LONGEST_STRETCH`. Of four reasons the strongest counts: less than half
 * of the budget is left (2 at a quarter, 8 at a sixteenth), Bitbucket's near-limit flag (4), each recent 429
 * (doubles), own requests beyond the fair share. As their causes pass, intervals shrink again.
 */
export function stretchFor(view: BudgetView): number {
  const reasons = [
    1,
    shortage(view),
    view.nearLimit ? 4 : 1,
    2 ** view.recentRefusals,
    view.recentRequests / FAIR_SHARE,
  ];
  return Math.min(LONGEST_STRETCH, Math.max(...reasons));
}

function shortage({ limit, remaining }: BudgetView): number {
  if (limit === undefined || remaining === undefined || limit <= 0) return 1;
  return remaining <= 0 ? LONGEST_STRETCH : 0.5 * limit / remaining;
}

const HOUR_MS = 3_600_000;
const REFUSAL_MEMORY_MS = 600_000;

/** Counts requests and keeps what answers say about the rate limit. */
export class RequestBudget {
  readonly #host: Pick<Host, "monotonicMs">;
  #requests = 0;
  #sent: number[] = [];
  #refusals: number[] = [];
  #limits: Limits | undefined;

  constructor(host: Pick<Host, "monotonicMs">) {
    this.#host = host;
  }

  /** Requests sent so far, all attempts included. */
  get requests(): number {
    return this.#requests;
  }

  get stretch(): number {
    const now = this.#host.monotonicMs();
    this.#sent = this.#sent.filter((time) => now - time < HOUR_MS);
    this.#refusals = this.#refusals.filter((time) => now - time < REFUSAL_MEMORY_MS);
    if (this.#limits !== undefined && now >= this.#limits.endsAt) this.#limits = undefined;
    const own = { recentRefusals: this.#refusals.length, recentRequests: this.#sent.length };
    return stretchFor({ ...this.#limits, ...own });
  }

  /** To be called for each request before it is sent. */
  count(): void {
    this.#requests++;
    this.#sent.push(this.#host.monotonicMs());
  }

  /** To be called with each answer. */
  note(answer: { readonly status: number; readonly headers: Headers }): void {
    const now = this.#host.monotonicMs();
    if (answer.status === 429) this.#refusals.push(now);
    this.#limits = readLimits(answer.headers, now) ?? this.#limits;
  }
}

interface Limits {
  /** Requests the window allows, and how many of them are left. */
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  /** Bitbucket's own word that less than a fifth is left. */
  readonly nearLimit: boolean;
  /** When this knowledge is out of date, on the monotonic clock. */
  readonly endsAt: number;
}

/**
 * Access tokens get `X-RateLimit-Limit` and `X-RateLimit-NearLimit`; other answers show `60, 60;w=3600` with
 * `-Remaining` and `-Reset`, the latter in seconds left (Bitbucket's API request limits, and answers seen in the wild).
 */
function readLimits(headers: Headers, now: number): Limits | undefined {
  const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((name) => firstNumber(headers, name));
  const near = headers.get("x-ratelimit-nearlimit");
  if (limit === undefined && remaining === undefined && near === null) return undefined;
  return {
    limit,
    remaining,
    nearLimit: near?.trim().toLowerCase() === "true",
    endsAt: now + Math.min(HOUR_MS, reset === undefined ? HOUR_MS : reset * 1000),
  };
}

function firstNumber(headers: Headers, name: string): number | undefined {
  const digits = headers.get(`x-ratelimit-${name}`)?.match(/^\s*(\d+)/)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
