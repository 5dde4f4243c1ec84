import * as z from "zod";
import type { BitbucketSettings } from "./pipelines/bitbucket_settings.ts";
import { type PlatformAnswers, RUNNER_RIGHTS } from "./pipelines/platform_answers.ts";

/** What was seen of a live platform; settings that it leaves out keep their defaults. */
export type PlatformProfile = Partial<Pick<BitbucketSettings, keyof PlatformAnswers>>;

const STATE_FORM = z.enum(["public", "state", "both", "none"]);
const COUNT = z.int().min(1);
const MS = z.number().min(0);

const ANSWERS = {
  // JSON has no Infinity: null stands for a limit that was not found.
  longestName: COUNT.nullable().transform((longest) => longest ?? Infinity),
  labelGrammar: z.enum(["strict", "loose"]),
  addsSelfHosted: z.boolean(),
  closeForm: STATE_FORM,
  reopenForm: STATE_FORM,
  closedShows: z.enum(["DISABLED", "cordoned"]),
  reopenedShows: z.enum(["connection", "ENABLED"]),
  deleteBusy: z.enum(["error", "refuse"]),
  runnerMay: z.array(z.enum(RUNNER_RIGHTS)),
  errorDetail: z.enum(["string", "object", "none"]),
  longestPage: COUNT,
  rateLimitHeaders: z.enum(["none", "limit", "draft"]),
  sendsRetryAfter: z.boolean(),
  scopeField: z.enum(["scope", "scopes"]),
  showsStep: z.boolean(),
  stepShownAfterMs: MS,
  disabledHidesStep: z.boolean(),
  showsRunner: z.boolean(),
  rerunSteps: z.enum(["keep", "new"]),
  manualStage: z.enum(["PAUSED", "RUNNING"]),
  offlineAfterMs: MS,
  runnerWords: z.enum(["usual", "other", "mute"]),
  runnerLogsTo: z.enum(["both", "file", "stdout"]),
  runnerSpacing: z.enum(["usual", "odd"]),
  rotatesLogAt: COUNT,
  resultDelayMs: MS,
} satisfies { [K in keyof PlatformAnswers]: z.ZodType<PlatformAnswers[K]> };

/** Reads a profile of JSON, as `deno task probe` writes it. Throws an error that names every unknown setting and bad value. */
export function readPlatformProfile(text: string): PlatformProfile {
  const { data, error } = z.strictObject(ANSWERS).partial().safeParse(parsed(text));
  if (error !== undefined) {
    throw new Error(`Cannot use platform profile: ${error.issues.map(worded).join("; ")}`);
  }
  // Of a property that is left out the schema makes none.
  return data as PlatformProfile;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error("Cannot use platform profile: it is no JSON", { cause });
  }
}

function worded(issue: z.core.$ZodIssue): string {
  if (issue.code !== "unrecognized_keys") return `${issue.path.join(".") || "the file"}: ${issue.message}`;
  return `unknown ${issue.keys.join(", ")} (known: ${Object.keys(ANSWERS).join(", ")})`;
}
