import { ApiRefusal, type ApiRequest } from "../server/api_call.ts";
import type { BitbucketSettings } from "../pipelines/bitbucket_settings.ts";

/** Who makes a request, and what they may do. */
export interface Principal {
  readonly name: string;
  readonly scopes: readonly string[];
}

interface IssuedToken extends Principal {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The three kinds of credentials that Bitbucket's API takes, and the tokens of OAuth consumers. */
export class BitbucketCredentials {
  readonly #settings: BitbucketSettings;
  readonly #issued = new Map<string, IssuedToken>();

  constructor(settings: BitbucketSettings) {
    this.#settings = settings;
  }

  /** Tokens that OAuth consumers hold, good or expired, in the order in which they were given out. */
  get tokens(): string[] {
    return [...this.#issued.keys()];
  }

  /** The client-credentials grant. Source: Bitbucket's OAuth documentation, and answers seen by users. */
  grant(request: ApiRequest): object {
    const basic = basicAuthorization(request);
    const consumer = this.#settings.consumers.find(({ key, secret }) =>
      basic?.user === key && basic.password === secret
    );
    if (consumer === undefined) {
      throw new ApiRefusal({
        status: 400,
        code: "unauthorized_client",
        message: "Invalid OAuth client credentials",
      });
    }
    if (new URLSearchParams(request.body).get("grant_type") !== "client_credentials") {
      throw new ApiRefusal({
        status: 400,
        code: "unsupported_grant_type",
        message: "Unsupported grant type",
      });
    }
    const token = `${crypto.randomUUID()}${crypto.randomUUID()}`.replaceAll("-", "");
    const lifetimeS = this.#settings.tokenLifetimeS;
    this.#issued.set(token, {
      name: consumer.key,
      scopes: consumer.scopes,
      expiresAt: Date.now() + lifetimeS * 1000,
    });
    return {
      access_token: token,
      expires_in: lifetimeS,
      token_type: "bearer",
      [this.#settings.scopeField]: consumer.scopes.join(" "),
      state: "client_credentials",
    };
  }

  /** Makes all tokens of OAuth consumers expire now. */
  expireAll(): void {
    for (const [token, issued] of this.#issued) this.#issued.set(token, { ...issued, expiresAt: 0 });
  }

  /** The name under which a request is counted, whether its credentials are good or not. */
  nameOf(request: ApiRequest): string {
    const token = bearerToken(request);
    const basic = basicAuthorization(request);
    if (basic !== undefined) return basic.user;
    if (token === undefined) return "anonymous";
    return this.#issued.get(token)?.name ??
      (this.#accessToken(token) === undefined ? "unknown token" : "access token");
  }

  /** Throws `ApiRefusal` with Bitbucket's 401 where the credentials are not good. */
  principal(request: ApiRequest): Principal {
    const token = bearerToken(request);
    if (token !== undefined) return this.#bearer(token);
    const basic = basicAuthorization(request);
    const apiToken = this.#settings.apiTokens.find(({ email, token }) =>
      basic?.user === email && basic.password === token
    );
    if (apiToken === undefined) throw unauthorized();
    return { name: apiToken.email, scopes: apiToken.scopes };
  }

  #bearer(token: string): Principal {
    const accessToken = this.#accessToken(token);
    if (accessToken !== undefined) return { name: "access token", scopes: accessToken.scopes };
    const issued = this.#issued.get(token);
    if (issued === undefined) throw unauthorized();
    if (issued.expiresAt <= Date.now()) {
      throw new ApiRefusal({ status: 401, code: "", message: "Access token expired." });
    }
    return issued;
  }

  #accessToken(token: string) {
    return this.#settings.accessTokens.find((known) => known.token === token);
  }
}

/**
 * Throws `ApiRefusal` with Bitbucket's 403 unless the scope is granted. Writing implies reading for OAuth scopes, not for those of
 * API tokens, of which writing takes both.
 */
export function requireScope(principal: Principal, scope: string): void {
  const { scopes } = principal;
  const [resource, right] = scope.split(":");
  const needed = right === "write"
    ? [`read:${resource}:bitbucket`, `write:${resource}:bitbucket`]
    : [`read:${resource}:bitbucket`];
  if (scopes.includes(scope) || scopes.includes(`${resource}:write`)) return;
  if (needed.every((apiScope) => scopes.includes(apiScope))) return;
  throw new ApiRefusal({
    status: 403,
    code: "",
    message: "Your credentials lack one or more required privilege scopes.",
    detail: { granted: scopes, required: [scope] },
  });
}

/** The user and password of Basic authorization. */
export function basicAuthorization(request: ApiRequest): { user: string; password: string } | undefined {
  const encoded = /^Basic\s+(.+)$/i.exec(request.headers["authorization"] ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)));
  const colon = text.indexOf(":");
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The token of Bearer authorization. */
export function bearerToken(request: ApiRequest): string | undefined {
  return /^Bearer\s+(.+)$/i.exec(request.headers["authorization"] ?? "")?.[1];
}

/** Bitbucket's answer to a token that it does not know, or not for this. */
export function unauthorized(): ApiRefusal {
  return new ApiRefusal({
    status: 401,
    code: "",
    message: "Token is invalid, expired, or not supported for this endpoint.",
  });
}
