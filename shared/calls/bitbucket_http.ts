import { messageOf } from "../program/errors.ts";
import { networkFault } from "../program/network_fault.ts";
import ky from "ky";
import { boundedBody, EndlessAnswerError } from "../program/bounded_body.ts";
import { judgeAnswer, type Verdict } from "./bitbucket_answer.ts";
import type { Answer, ApiCall, Reply } from "./bitbucket_call.ts";
import { lastingError, refusalError } from "./bitbucket_failure.ts";
import type { GrantedScopes } from "./granted_scopes.ts";
import type { Identity } from "./identity.ts";
import type { Host } from "../program/host.ts";
import type { Logger } from "../output/log.ts";
import type { RequestBudget } from "./request_budget.ts";
import { ATTEMPTS, type Fault, planPause } from "./retry_plan.ts";
import type { ServerClock } from "./server_clock.ts";

/** What all calls of a client share. */
export interface HttpConfig {
  /** How long one attempt may take until its answer is read to the end, in milliseconds. */
  readonly timeoutMs: number;
  readonly log: Logger;
  readonly budget: RequestBudget;
  readonly clock: ServerClock;
  readonly granted: GrantedScopes;
}

/** Sends a call until it has an answer; rejects with `ApiError`, `CredentialsError` or the signal's reason. */
export type Send = <T>(call: ApiCall<T>, identity: Identity, signal?: AbortSignal) => Promise<Reply<T>>;

/** `Send` for one identity: what the calls of one client go through. */
export type BoundSend = <T>(call: ApiCall<T>, signal: AbortSignal | undefined) => Promise<Reply<T>>;

/**
 * The one retry layer. It is not ky's own, since that ends before an answer's body has been read and judged, and
 * its waits could not be given from outside; ky does the single attempt, with its time limit.
 */
export function createSend(host: Host, config: HttpConfig): Send {
  return async function send(call, identity, signal) {
    const refusal = (answer: Answer) => refusalError(call, answer, identity.kind, config.log.redactor);
    let uncertain = false;
    try {
      for (let attempt = 1, last = 0;; attempt++) {
        signal?.throwIfAborted();
        const authorization = await identity.authorization(signal);
        const verdict = await tryOnce(host, config, call, authorization, call.undo ? undefined : signal);
        if (verdict.kind === "done") return verdict.reply;
        if (verdict.kind === "refused") throw refusal(verdict.answer);
        const { fault } = verdict;
        uncertain ||= fault.mayHaveActed;
        if (fault.answer?.status === 401) {
          if (last === 401) throw refusal(fault.answer);
          identity.rejected(authorization);
        }
        if (attempt === ATTEMPTS) throw lastingError(call, fault, config.log.redactor);
        last = fault.answer?.status ?? 0;
        await pause(host, config.log, call, fault, attempt, signal);
        if (uncertain) {
          uncertain = false;
          await call.undo?.();
        }
      }
    } catch (error) {
      if (uncertain) await undoQuietly(call, config.log);
      throw error;
    }
  };
}

async function tryOnce<T>(
  host: Host,
  config: HttpConfig,
  call: ApiCall<T>,
  authorization: string,
  signal: AbortSignal | undefined,
): Promise<Verdict<T>> {
  try {
    config.budget.count();
    const body = call.form && new URLSearchParams(call.form);
    const options = { authorization, timeoutMs: config.timeoutMs, signal };
    const answer = await sendOnce(host, { ...call, body }, options);
    config.clock.note(answer.headers);
    config.granted.note(answer.headers.get("x-oauth-scopes"));
    config.budget.note(answer);
    return judgeAnswer(call, answer, config.clock.now());
  } catch (error) {
    signal?.throwIfAborted();
    return {
      kind: "fault",
      fault: noAnswer(error, { url: call.url, env: host.env, timeoutMs: config.timeoutMs }),
    };
  }
}

/** What one request sends. One with `undo` has a connection of its own. */
export interface Sent extends Pick<ApiCall<unknown>, "method" | "url" | "json" | "undo"> {
  readonly body?: BodyInit | undefined;
}

export interface SendOptions {
  /** Left out where the request itself says who sends it. */
  readonly authorization?: string | undefined;
  /** How long the request may take until its answer is read to the end, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A page of a hundred pipelines or steps, with all their scripts, takes a tenth of it. */
const MOST_BYTES = 8 * 1024 * 1024;

/** A single attempt, whose answer is not judged. Rejects with ky's errors, which hold the credentials: not to be shown. */
export async function sendOnce(
  { fetch }: Pick<Host, "fetch">,
  { method, url, json, body, undo }: Sent,
  { authorization, timeoutMs, signal }: SendOptions,
): Promise<Answer> {
  using lone = undo === undefined ? undefined : loneConnection();
  const pending = ky(url, {
    method,
    headers: { ...(authorization === undefined ? {} : { authorization }), accept: "application/json" },
    ...(json === undefined ? {} : { json }),
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
    fetch: async (input, init) =>
      boundedBody(await fetch(input, lone === undefined ? init : { ...init, client: lone }), MOST_BYTES),
    retry: 0,
    throwHttpErrors: false,
    timeout: timeoutMs,
    totalTimeout: timeoutMs,
  });
  const { status, headers } = await pending;
  return { status, headers, text: await pending.text() };
}

/**
 * A client that has no connection yet. When a used connection breaks, Deno's fetch sends the request a second time
 * without a word, a POST too (denoland/deno, issue 35610); a new connection is spared that.
 */
function loneConnection(): Deno.HttpClient {
  return Deno.createHttpClient({ poolMaxIdlePerHost: 0, http2: false });
}

/** ky's errors hold the request with its credentials, so only what caused them is kept. */
function noAnswer(
  error: unknown,
  { url, env, timeoutMs }: { readonly url: string; readonly env: Host["env"]; readonly timeoutMs: number },
): Fault {
  const fault = (describe: Fault["describe"], more: Partial<Fault> = {}) => ({
    describe,
    mayHaveActed: true,
    ...more,
  });
  if (error instanceof Error && error.name === "TimeoutError") {
    return fault((target) => `Bitbucket did not answer ${target} within ${timeoutMs / 1000} s`);
  }
  if (error instanceof EndlessAnswerError) {
    return fault((target) => `Bitbucket answered ${target} with ${error.message}`);
  }
  const cause = error instanceof Error && error.name === "NetworkError" ? error.cause : error;
  const { message, hint } = networkFault(cause, url, env);
  return fault((target) => `Bitbucket could not be reached for ${target} (${message})`, { cause, hint });
}

async function pause(
  host: Host,
  log: Logger,
  call: ApiCall<unknown>,
  fault: Fault,
  attempt: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { ms, shortened } = planPause(fault, attempt, host.random());
  const wish = shortened
    ? `, though it asks for a pause of ${Math.ceil((fault.retryAfterMs ?? 0) / 1000)} s`
    : "";
  const seconds = (ms / 1000).toFixed(1);
  log.warning(
    `${fault.describe(`«${call.name}»`)}; attempt ${attempt + 1}/${ATTEMPTS} in ${seconds} s${wish}`,
  );
  await host.sleep(ms, signal);
}

async function undoQuietly(call: ApiCall<unknown>, log: Logger): Promise<void> {
  try {
    await call.undo?.();
  } catch (error) {
    log.warning(`Cannot make sure that «${call.name}» left nothing behind: ${messageOf(error)}`);
  }
}
