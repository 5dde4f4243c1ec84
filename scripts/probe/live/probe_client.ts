import { anyAnswer, judgeAnswer } from "../../../shared/calls/bitbucket_answer.ts";
import type { Answer, ApiCall } from "../../../shared/calls/bitbucket_call.ts";
import { sendOnce, type Sent } from "../../../shared/calls/bitbucket_http.ts";
import { lastingError } from "../../../shared/calls/bitbucket_failure.ts";
import { ATTEMPTS, type Fault, planPause } from "../../../shared/calls/retry_plan.ts";
import type { Host } from "../../../shared/program/host.ts";
import type { Logger } from "../../../shared/output/log.ts";
import type { BitbucketCredentials } from "../../../shared/settings/bitbucket_settings.ts";
import { bodyOf } from "../judge/read_answer.ts";

/** One request as it goes out. One with `undo` is not cut off by an abort. */
export interface ProbeRequest extends Sent, Pick<ApiCall<unknown>, "name"> {}

export interface ProbeClientConfig {
  readonly credentials: BitbucketCredentials;
  readonly tokenUrl: string;
  readonly timeoutMs: number;
  readonly log: Logger;
}

/**
 * Sends requests one after the other and gives the answers as they are, refusals included, which the programs' own
 * client hides. Rejects with ApiError when there is no answer to be had, or with the signal's reason.
 */
export class ProbeClient {
  /** Requests sent so far. */
  requests = 0;
  /** Names of the headers that answers have had. */
  readonly headers = new Set<string>();
  /** What an OAuth consumer got its token with. */
  tokenAnswer: Answer | undefined;
  readonly #host: Host;
  readonly #config: ProbeClientConfig;
  #bearer: string | undefined;

  constructor(host: Host, config: ProbeClientConfig) {
    this.#host = host;
    this.#config = config;
    const { credentials, log } = config;
    log.redactor.add(credentials.kind === "oauth" ? credentials.clientSecret : credentials.token);
  }

  send(request: ProbeRequest, signal?: AbortSignal): Promise<Answer> {
    return this.#persist(request, () => this.#authorization(signal), signal);
  }

  /** As `send()`, with another token than the credentials', or with none. */
  sendAs(token: string | undefined, request: ProbeRequest, signal?: AbortSignal): Promise<Answer> {
    const authorization = token === undefined ? undefined : `Bearer ${token}`;
    return this.#persist(request, () => Promise.resolve(authorization), signal);
  }

  /** Keeps a secret that an answer has brought out of what is shown. */
  hide(secret: string): void {
    this.#config.log.redactor.add(secret);
  }

  async #persist(
    request: ProbeRequest,
    authorize: () => Promise<string | undefined>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const call = { ...request, schema: anyAnswer, scopes: [] };
    for (let attempt = 1, last = 0;; attempt++) {
      signal?.throwIfAborted();
      const authorization = await authorize();
      const outcome = await this.#try(call, authorization, request.undo ? undefined : signal);
      if ("status" in outcome) return outcome;
      const { answer } = outcome;
      if (answer?.status === 401 && last === 401) return answer;
      if (answer?.status === 401 && authorization === this.#bearer) this.#bearer = undefined;
      last = answer?.status ?? 0;
      if (attempt < ATTEMPTS) await this.#pause(request.name, outcome, attempt, signal);
      if (outcome.mayHaveActed) await request.undo?.();
      if (attempt === ATTEMPTS && answer?.status === 409) return answer;
      if (attempt === ATTEMPTS) throw lastingError(call, outcome, this.#config.log.redactor);
    }
  }

  /** An answer, or why the same request may get another one later. */
  async #try(
    call: ApiCall<unknown> & ProbeRequest,
    authorization: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Answer | Fault> {
    try {
      this.requests++;
      const { timeoutMs } = this.#config;
      const answer = await sendOnce(this.#host, call, { authorization, timeoutMs, signal });
      for (const name of answer.headers.keys()) this.headers.add(name);
      // With other calls a conflict is one of states, which passes.
      if (answer.status === 409 && call.method === "DELETE") return answer;
      const verdict = judgeAnswer(call, answer, this.#host.now());
      return verdict.kind === "fault" ? verdict.fault : answer;
    } catch (cause) {
      signal?.throwIfAborted();
      // ky's errors hold the request with its credentials, so that they are not shown.
      return { describe: (target) => `Bitbucket gave no answer to ${target}`, mayHaveActed: true, cause };
    }
  }

  async #pause(name: string, fault: Fault, attempt: number, signal: AbortSignal | undefined): Promise<void> {
    const { ms } = planPause(fault, attempt, this.#host.random());
    this.#config.log.warning(`${fault.describe(`«${name}»`)}; trying again in ${(ms / 1000).toFixed(1)} s`);
    await this.#host.sleep(ms, signal);
  }

  async #authorization(signal: AbortSignal | undefined): Promise<string> {
    const { credentials } = this.#config;
    if (credentials.kind === "access token") return `Bearer ${credentials.token}`;
    if (credentials.kind === "api token") return basic(credentials.email, credentials.token);
    return this.#bearer ??= await this.#newBearer(
      basic(credentials.clientId, credentials.clientSecret),
      signal,
    );
  }

  async #newBearer(consumer: string, signal: AbortSignal | undefined): Promise<string> {
    const body = new URLSearchParams({ grant_type: "client_credentials" });
    const request = { name: "get an OAuth token", method: "POST", url: this.#config.tokenUrl, body } as const;
    this.tokenAnswer = await this.#persist(request, () => Promise.resolve(consumer), signal);
    const { access_token: token = "" } = bodyOf<{ access_token: string }>(this.tokenAnswer);
    this.#config.log.redactor.add(token);
    return `Bearer ${token}`;
  }
}

function basic(user: string, password: string): string {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)))}`;
}
