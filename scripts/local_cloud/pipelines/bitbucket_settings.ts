/** An OAuth consumer of the workspace. */
export interface OAuthConsumer {
  readonly key: string;
  readonly secret: string;
  /** As in `runner:write` and `pipeline`. */
  readonly scopes: readonly string[];
}

/** A repository, project or workspace access token; sent as a bearer token. */
export interface AccessToken {
  readonly token: string;
  readonly scopes: readonly string[];
}

/** An API token of a user; sent as Basic authorization with the e-mail address. Scopes as in `read:runner:bitbucket`. */
export interface ApiToken {
  readonly email: string;
  readonly token: string;
  readonly scopes: readonly string[];
}

export interface RepositorySettings {
  readonly slug: string;
  /** In braces. */
  readonly uuid: string;
}

/** How the local Bitbucket behaves. Where the facts of the real one are unsure, tests try every answer. */
export interface BitbucketSettings {
  readonly workspace: RepositorySettings;
  readonly repositories: readonly RepositorySettings[];
  readonly consumers: readonly OAuthConsumer[];
  readonly accessTokens: readonly AccessToken[];
  readonly apiTokens: readonly ApiToken[];
  /** Lifetime of the tokens an OAuth consumer gets, in seconds (Bitbucket: 7200). */
  readonly tokenLifetimeS: number;
  /** The field of a token's answer that lists its scopes; Bitbucket renamed it in 2026. */
  readonly scopeField: "scope" | "scopes";
  /** Lifetime of a step's OIDC token, in seconds. */
  readonly oidcLifetimeS: number;
  /** Which request closes a runner to new steps; the others change nothing. */
  readonly closeForm: "public" | "state" | "none";
  /** Whether a runner's state names the step that it runs. */
  readonly showsStep: boolean;
  /** Whether a step names the runner that serves it. */
  readonly showsRunner: boolean;
  /** The stage a pipeline shows while it waits for a manual step. */
  readonly manualStage: "PAUSED" | "RUNNING";
  /** Requests per credential within any hour (Bitbucket: 1,000). */
  readonly requestsPerHour: number;
  /** How long an hour of the rate limit lasts here, in milliseconds. */
  readonly rateLimitHourMs: number;
  /** Whether a 429 says when to come back. */
  readonly sendsRetryAfter: boolean;
  /** Whether answers carry the X-RateLimit headers. */
  readonly sendsRateLimitHeaders: boolean;
  /** How often a runner reports, in milliseconds. */
  readonly heartbeatMs: number;
  /** How long a runner may be silent before it counts as OFFLINE, in milliseconds. */
  readonly offlineAfterMs: number;
  /** Time between a step's being given to a runner and the runner's learning of it, in milliseconds. */
  readonly pickUpMs: number;
  /** What the stand-in runners do wrong: end at once when started, never come online. */
  readonly runnerFault: "none" | "crash on start" | "never online";
  /** The folder in which cloud steps get their own. */
  readonly folder: string;
  /** Variables of every cloud step, as a workspace or a repository sets them. */
  readonly variables: Readonly<Record<string, string>>;
}

export const DEFAULT_BITBUCKET_SETTINGS = {
  workspace: { slug: "acme", uuid: "{3f2a1f6e-6b0c-4a52-9d4a-2b8f0c6c1e11}" },
  repositories: [{ slug: "demo", uuid: "{8d6b7e0a-0b1f-4c64-8f5e-5a9b7f0f2c22}" }],
  consumers: [{
    key: "local-cloud-key",
    secret: "local-cloud-oauth-secret",
    scopes: ["runner:write", "pipeline"],
  }],
  accessTokens: [{ token: "local-cloud-access-token", scopes: ["runner:write", "pipeline"] }],
  apiTokens: [{
    email: "dev@example.com",
    token: "local-cloud-api-token",
    scopes: [
      "read:runner:bitbucket",
      "write:runner:bitbucket",
      "read:pipeline:bitbucket",
      "write:pipeline:bitbucket",
    ],
  }],
  tokenLifetimeS: 7200,
  scopeField: "scopes",
  oidcLifetimeS: 3600,
  closeForm: "public",
  showsStep: true,
  showsRunner: false,
  manualStage: "PAUSED",
  requestsPerHour: 1000,
  rateLimitHourMs: 3_600_000,
  sendsRetryAfter: false,
  sendsRateLimitHeaders: true,
  heartbeatMs: 1000,
  offlineAfterMs: 3000,
  pickUpMs: 0,
  runnerFault: "none",
  variables: {},
} as const satisfies Omit<BitbucketSettings, "folder">;
