import type { BitbucketCredentials } from "../../../shared/settings/bitbucket_settings.ts";
import type { RunnerRight } from "../../local_cloud/pipelines/platform_answers.ts";
import type { Limit } from "./limit_search.ts";

/** How Bitbucket took something that was tried: as it is, otherwise than it was sent, or not at all. */
export interface Trial {
  readonly outcome: "taken" | "changed" | "refused";
  /** What goes with it, as in «400: labels: required». */
  readonly note: string;
}

/** The two addresses that may close a runner to new steps and open it again. */
export type DoorForm = "public" | "state";

/** Which of the two addresses do it; a form that could not be tried is not in it. */
export type Doors = Readonly<Partial<Record<DoorForm, boolean>>>;

/** What the probe has found out; what it could not find out is not in it. */
export interface Findings {
  readonly credentials: BitbucketCredentials["kind"];
  readonly tokenScopeField: "scope" | "scopes";
  readonly tokenLifetimeS: number;
  readonly takesAccessToken: boolean;
  /** Whether a runner could be registered and removed with an access token that is given beside other credentials. */
  readonly accessTokenManages: Trial;
  /** Whether a runner's own OAuth client got a token. */
  readonly runnerToken: Trial;
  /** What the API let it do with its own runner, and whether it lists the others. */
  readonly runnerMay: readonly RunnerRight[];
  /** Names of the headers seen on any answer, in small letters. */
  readonly headers: readonly string[];

  readonly createStatus: number;
  /** The key of the `error` in a created runner; null where there is none. */
  readonly createError: string | null;
  readonly addsSelfHosted: boolean;
  /** In characters. */
  readonly nameLength: Limit;
  readonly names: Readonly<Record<string, Trial>>;
  readonly labels: Readonly<Record<string, Trial>>;

  readonly closing: Doors;
  readonly reopening: Doors;
  readonly closedShows: "DISABLED" | "cordoned";
  readonly reopenedShows: string;
  readonly cordonedSettable: boolean;

  /** In entries; what is cut down to fewer counts as refused. */
  readonly pageLength: Limit;
  readonly hasNext: boolean;
  readonly badBody: number;
  readonly errorDetail: "string" | "object" | "none";
  readonly missingRunner: number;
  readonly duplicateName: Trial;

  /** From SIGKILL to the runner until Bitbucket showed it OFFLINE; null when it did not in time. */
  readonly offlineAfterMs: number | null;
  readonly stepShown: boolean;
  /** Milliseconds from the step's start until the runner's state named it. */
  readonly stepShownAfterMs: number;
  readonly stepShownClosed: boolean;
  readonly busyDelete: Trial;
  /** How the step of a deleted runner ended. */
  readonly deletedStep: { readonly result: string; readonly error: string };
  readonly fillsLabels: boolean;
}
