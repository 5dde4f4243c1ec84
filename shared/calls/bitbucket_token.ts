import { readJson } from "./bitbucket_answer.ts";
import { type Answer, type ApiCall, valueOf } from "./bitbucket_call.ts";
import type { Send } from "./bitbucket_http.ts";
import type { HeldToken, Identity } from "./identity.ts";
import { type TokenAnswer, tokenSchema } from "./bitbucket_schema.ts";
import type { GrantedScopes } from "./granted_scopes.ts";
import type { BitbucketCredentials } from "../settings/bitbucket_settings.ts";
import { CredentialsError, type ProgramError } from "../program/errors.ts";
import type { Host } from "../program/host.ts";
import type { Redactor } from "../output/redact.ts";

/** Whose credentials, and where an OAuth consumer gets its tokens. */
export interface IdentityConfig {
  readonly credentials: BitbucketCredentials;
  readonly tokenUrl: string;
  readonly held?: HeldToken | undefined;
  readonly granted: GrantedScopes;
  readonly redactor: Redactor;
}

/** The credentials as calls use them; every secret form of theirs is made known to the redactor. */
export function createIdentity(
  host: Pick<Host, "monotonicMs" | "now">,
  send: Send,
  config: IdentityConfig,
): Identity {
  const { credentials, redactor } = config;
  if (credentials.kind === "oauth") return new OAuthIdentity(host, send, config, credentials);
  redactor.add(credentials.token);
  if (credentials.kind === "access token") {
    return fixedIdentity(credentials.kind, `Bearer ${credentials.token}`);
  }
  return fixedIdentity(credentials.kind, basic(credentials.email, credentials.token, redactor));
}

function fixedIdentity(kind: Identity["kind"], header: string): Identity {
  return { kind, authorization: () => Promise.resolve(header), rejected: () => {} };
}

function basic(user: string, password: string, redactor: Redactor): string {
  const pair = new TextEncoder().encode(`${user}:${password}`).toBase64();
  redactor.add(password);
  redactor.add(pair);
  return `Basic ${pair}`;
}

interface Token {
  readonly accessToken: string;
  readonly header: string;
  /** On the monotonic clock, in milliseconds. */
  readonly renewAt: number;
}

interface Flight {
  readonly token: Promise<Token>;
  /** The signal of the caller who started it: its abort ends the flight, but not the wish of the others. */
  readonly signal: AbortSignal | undefined;
}

class OAuthIdentity implements Identity {
  readonly kind = "oauth";
  readonly #host: Pick<Host, "monotonicMs" | "now">;
  readonly #send: Send;
  readonly #config: IdentityConfig;
  readonly #consumer: Identity;
  #token: Token | undefined;
  #flight: Flight | undefined;

  constructor(
    host: Pick<Host, "monotonicMs" | "now">,
    send: Send,
    config: IdentityConfig,
    consumer: { readonly clientId: string; readonly clientSecret: string },
  ) {
    this.#host = host;
    this.#send = send;
    this.#config = config;
    this.#consumer = fixedIdentity("oauth", basic(consumer.clientId, consumer.clientSecret, config.redactor));
    if (config.held !== undefined) this.#keep(config.held.accessToken, config.held.renewAtMs - host.now());
  }

  get held(): HeldToken | undefined {
    if (this.#token === undefined) return undefined;
    const { accessToken, renewAt } = this.#token;
    return { accessToken, renewAtMs: this.#host.now() + renewAt - this.#host.monotonicMs() };
  }

  async authorization(signal?: AbortSignal): Promise<string> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#token !== undefined && this.#host.monotonicMs() < this.#token.renewAt) {
        return this.#token.header;
      }
      const flight = this.#flight ??= this.#startFlight(signal);
      try {
        return (await untilAborted(flight.token, signal)).header;
      } catch (error) {
        if (!flight.signal?.aborted || signal?.aborted) throw error;
      }
    }
  }

  rejected(authorization: string): void {
    if (this.#token?.header === authorization) this.#token = undefined;
  }

  #startFlight(signal: AbortSignal | undefined): Flight {
    const token = this.#renew(signal).finally(() => this.#flight = undefined);
    return { token, signal };
  }

  async #renew(signal: AbortSignal | undefined): Promise<Token> {
    const askedAt = this.#host.monotonicMs();
    const answer = valueOf(await this.#send(tokenCall(this.#config.tokenUrl), this.#consumer, signal));
    this.#config.granted.note(answer.scope ?? answer.scopes);
    const sinceAskedMs = this.#host.monotonicMs() - askedAt;
    return this.#keep(answer.access_token, usableMs(answer.expires_in) - sinceAskedMs);
  }

  #keep(accessToken: string, forMs: number): Token {
    this.#config.redactor.add(accessToken);
    const renewAt = this.#host.monotonicMs() + forMs;
    return this.#token = { accessToken, header: `Bearer ${accessToken}`, renewAt };
  }
}

/** How long a token that lives `lifeS` seconds is used, in milliseconds: short of its end by a fifth, at most a minute. */
export function usableMs(lifeS: number): number {
  const lifeMs = lifeS * 1000;
  return lifeMs - Math.min(60_000, lifeMs / 5);
}

/** RFC 6749, section 4.4; Bitbucket's staff name it the way for automation (developer community, t/22136). */
function tokenCall(tokenUrl: string): ApiCall<TokenAnswer> {
  return {
    name: "get an OAuth token",
    method: "POST",
    url: tokenUrl,
    form: { grant_type: "client_credentials" },
    schema: tokenSchema,
    scopes: [],
    explain: explainTokenRefusal,
  };
}

function explainTokenRefusal(answer: Answer, message: string): ProgramError | undefined {
  const refused = answer.status === 401 || /unauthorized_client|invalid_client/.test(oauthError(answer));
  if (!refused) return undefined;
  return new CredentialsError(message, {
    hint: "Check BITBUCKET_OAUTH_CLIENT_ID and BITBUCKET_OAUTH_CLIENT_SECRET, " +
      "and that the OAuth consumer is marked as a private consumer",
  });
}

function oauthError(answer: Answer): string {
  const body = readJson(answer.text);
  const error = body.ok ? (body.value as { error?: unknown } | undefined)?.error : undefined;
  return typeof error === "string" ? error : "";
}

/** The promise's outcome, or the signal's reason as soon as it aborts. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  });
}
