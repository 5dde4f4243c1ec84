/** Which of the two requests does something to a runner: PUT of the runner itself (2.0), or of its state (internal). */
export type StateForm = "public" | "state" | "both" | "none";

/** What the API may let a runner's own OAuth client do: with its own runner, or see of the others. */
export const RUNNER_RIGHTS = ["read", "list", "close", "delete"] as const;
export type RunnerRight = typeof RUNNER_RIGHTS[number];

/**
 * What is not known for sure of the live platform and its runner, and may be played either way; a profile holds what was seen.
 * The defaults are the strictest answer, or the likeliest where none is stricter.
 */
export interface PlatformAnswers {
  /** The longest name of a runner, in characters; `Infinity` plays an API that does not look. */
  readonly longestName: number;
  /** Whether labels are held to the grammar of Bitbucket's own front-end, or only to its characters. */
  readonly labelGrammar: "strict" | "loose";
  /** Whether a runner gets the label `self.hosted` by itself. */
  readonly addsSelfHosted: boolean;
  /** Which request closes a runner to new steps; the others change nothing. */
  readonly closeForm: StateForm;
  /** Which request, with the status ENABLED, opens it again. */
  readonly reopenForm: StateForm;
  /** What a closed runner shows: another status, or its usual one and `cordoned`. */
  readonly closedShows: "DISABLED" | "cordoned";
  /** What the status of a reopened runner reads until its next report. */
  readonly reopenedShows: "connection" | "ENABLED";
  /** What a running runner is deleted with: its step ends in ERROR, or the request is refused. */
  readonly deleteBusy: "error" | "refuse";
  /** What a runner may do by its own identity, besides serving steps. */
  readonly runnerMay: readonly RunnerRight[];
  /** The form of `error.detail` where a request's properties are bad. */
  readonly errorDetail: "string" | "object" | "none";
  /** The longest page that may be asked for, in entries. */
  readonly longestPage: number;
  /** The rate limit's headers: none, those of access tokens, or those of anonymous answers. */
  readonly rateLimitHeaders: "none" | "limit" | "draft";
  /** Whether a 429 says when to come back. */
  readonly sendsRetryAfter: boolean;
  /** The field of a token's answer that lists its scopes; Bitbucket renamed it in 2026. */
  readonly scopeField: "scope" | "scopes";
  /** Whether a runner's state names the step that it runs. */
  readonly showsStep: boolean;
  /** How long after its beginning a step shows in its runner's state, in milliseconds. */
  readonly stepShownAfterMs: number;
  /** Whether closing a runner hides the step that it runs. */
  readonly disabledHidesStep: boolean;
  /** Whether a step names the runner that serves it. */
  readonly showsRunner: boolean;
  /** Whether a step that is run again keeps its UUID, or is a new one in its place. */
  readonly rerunSteps: "keep" | "new";
  /** The stage a pipeline shows while it waits for a manual step. */
  readonly manualStage: "PAUSED" | "RUNNING";
  /** How long a runner may be silent before it counts as OFFLINE, in milliseconds. */
  readonly offlineAfterMs: number;
  /** What the runner says: what is known of it, the same in words that nobody knows, or nothing. */
  readonly runnerWords: "usual" | "other" | "mute";
  /** Where it says it; a logback file of one's own may silence stdout. */
  readonly runnerLogsTo: "both" | "file" | "stdout";
  /** Whether blanks, the ONLINE line and the words for a step's result are those of the known versions. */
  readonly runnerSpacing: "usual" | "odd";
  /** The size at which the runner begins a new log file, in bytes; undefined for never. */
  readonly rotatesLogAt: number | undefined;
  /** Time between «Completing step» in the log and the result's arrival, in milliseconds; ending the runner loses it. */
  readonly resultDelayMs: number;
}

export const DEFAULT_PLATFORM_ANSWERS = {
  longestName: 50,
  labelGrammar: "strict",
  addsSelfHosted: false,
  closeForm: "public",
  reopenForm: "public",
  closedShows: "DISABLED",
  reopenedShows: "connection",
  deleteBusy: "error",
  runnerMay: [],
  errorDetail: "string",
  longestPage: 100,
  rateLimitHeaders: "none",
  sendsRetryAfter: false,
  scopeField: "scopes",
  showsStep: true,
  stepShownAfterMs: 0,
  disabledHidesStep: false,
  showsRunner: false,
  rerunSteps: "keep",
  manualStage: "PAUSED",
  offlineAfterMs: 3000,
  runnerWords: "usual",
  runnerLogsTo: "both",
  runnerSpacing: "usual",
  rotatesLogAt: undefined,
  resultDelayMs: 300,
} as const satisfies PlatformAnswers;
