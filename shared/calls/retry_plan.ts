import { backoffMs } from "../program/backoff.ts";
import type { Answer } from "./bitbucket_call.ts";

/** Attempts per call, the first included: a lasting fault ends a call in bounded time. */
export const ATTEMPTS = 5;

/** The longest pause that a `Retry-After` gets, in milliseconds; whoever asks for more is asked again after it. */
export const LONGEST_PAUSE_MS = 120_000;

/** Why an attempt failed although the next one may not. */
export interface Fault {
  /** What happened, as a sentence about `target`: the call's name or its route. */
  readonly describe: (target: string) => string;
  /** The answer, where there was one at all. */
  readonly answer?: Answer | undefined;
  /** Whether Bitbucket may have done what was asked all the same. */
  readonly mayHaveActed: boolean;
  /** The pause the server asked for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
  /** What to change, where that can be told. */
  readonly hint?: string | undefined;
}

/**
 * How long to wait after a fault, the `attempt`-th in a row from 1; `random` is from 0 to 1. The server's own
 * wish goes before the formula; `shortened` where it was for a longer pause than it gets.
 */
export function planPause(fault: Fault, attempt: number, random: number): { ms: number; shortened: boolean } {
  if (fault.retryAfterMs !== undefined) {
    const ms = Math.min(fault.retryAfterMs, LONGEST_PAUSE_MS) + 500 * random;
    return { ms, shortened: fault.retryAfterMs > LONGEST_PAUSE_MS };
  }
  const firstMs = firstPauseMs(fault.answer?.status);
  return { ms: backoffMs({ firstMs }, attempt, random), shortened: false };
}

/** An exhausted rate limit takes its time; a rejected token has been replaced already. */
function firstPauseMs(status: number | undefined): number {
  if (status === 429) return 4000;
  if (status === 401) return 300;
  return 1000;
}

/** The pause that an answer's `Retry-After` asks for, in milliseconds: a number of seconds or a date (RFC 9110). */
export function retryAfterMs(headers: Headers, serverNow: number): number | undefined {
  const wish = headers.get("retry-after")?.trim();
  if (!wish) return undefined;
  if (/^\d+(\.\d+)?$/.test(wish)) return Number(wish) * 1000;
  // A date names its month; without one, JavaScript takes odd numbers for years.
  const until = /[a-z]/i.test(wish) ? Date.parse(wish) : NaN;
  return Number.isNaN(until) ? undefined : Math.max(0, until - serverNow);
}
