import type { CloneDepth } from "./pipeline_file.ts";
import { DEFAULT_PLATFORM_ANSWERS, type PlatformAnswers } from "./platform_answers.ts";

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

/** A problem that Bitbucket reports in the runner itself. Source: Bitbucket's own front-end. */
export interface RunnerError {
  readonly key: string;
  readonly message: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** How the local Bitbucket behaves. Where the facts of the real one are unsure, tests try every answer. */
export interface BitbucketSettings extends PlatformAnswers {
  readonly workspace: RepositorySettings;
  readonly repositories: readonly RepositorySettings[];
  readonly consumers: readonly OAuthConsumer[];
  readonly accessTokens: readonly AccessToken[];
  readonly apiTokens: readonly ApiToken[];
  /** Lifetime of the tokens an OAuth consumer gets, in seconds (Bitbucket: 7200). */
  readonly tokenLifetimeS: number;
  /** Lifetime of a step's OIDC token, in seconds. */
  readonly oidcLifetimeS: number;
  /** Requests per credential within any hour (Bitbucket: 1,000). */
  readonly requestsPerHour: number;
  /** How long an hour of the rate limit lasts here, in milliseconds. */
  readonly rateLimitHourMs: number;
  /** How often a runner reports, in milliseconds. */
  readonly heartbeatMs: number;
  /** Time between a step's being given to a runner and the runner's learning of it, in milliseconds. */
  readonly pickUpMs: number;
  /** What a created runner carries instead of its OAuth client, which makes it useless. */
  readonly runnerError: RunnerError | undefined;
  /** What the stand-in runners do wrong: end at once when started, never come online. */
  readonly runnerFault: "none" | "crash on start" | "never online";
  /** How long a minute of `max-time` lasts here, in milliseconds. */
  readonly minuteMs: number;
  /**
   * A folder whose files stand for the repository's, or one for each depth of a clone; without one, steps begin in an
   * empty folder.
   */
  readonly sources: string | ((depth: CloneDepth) => string) | undefined;
  /** The folder in which cloud steps get their own. */
  readonly folder: string;
  /** Variables of every cloud step, as a workspace or a repository sets them. */
  readonly variables: Readonly<Record<string, string>>;
}

export const DEFAULT_BITBUCKET_SETTINGS = {
  ...DEFAULT_PLATFORM_ANSWERS,
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
  oidcLifetimeS: 3600,
  requestsPerHour: 1000,
  rateLimitHourMs: 3_600_000,
  heartbeatMs: 1000,
  pickUpMs: 0,
  runnerError: undefined,
  runnerFault: "none",
  minuteMs: 60_000,
  sources: undefined,
  variables: {},
} as const satisfies Omit<BitbucketSettings, "folder">;
