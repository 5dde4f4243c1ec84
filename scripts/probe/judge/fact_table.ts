import { RUNNER_RIGHTS, type RunnerRight } from "../../local_cloud/pipelines/platform_answers.ts";
import type { Limit } from "./limit_search.ts";
import type { Doors, Findings, Trial } from "./findings.ts";

/** One thing the facts call unsure, with what Bitbucket did. */
export interface Fact {
  readonly name: string;
  readonly expected: string;
  readonly seen: string;
  readonly verdict: "as expected" | "other" | "not told";
}

type Found = Partial<Findings>;

interface Question {
  readonly name: string;
  readonly expected: string;
  /** The answer, perhaps with a remark that does not count in the comparison; undefined when not told. */
  readonly seen: string | readonly [answer: string, remark: string] | undefined;
}

/** All facts with what was found; those of `--step` only where it was asked for. */
export function factsFrom(found: Found, withStep: boolean): Fact[] {
  const questions = [
    ...creationQuestions(found),
    ...doorQuestions(found),
    ...listQuestions(found),
    ...credentialQuestions(found),
    ...identityQuestions(found),
    ...(withStep ? stepQuestions(found) : []),
  ];
  return questions.map(judge);
}

function judge({ name, expected, seen }: Question): Fact {
  if (seen === undefined) return { name, expected, seen: "", verdict: "not told" };
  const [answer, remark] = typeof seen === "string" ? [seen, ""] : seen;
  return {
    name,
    expected,
    seen: remark === "" ? answer : `${answer} (${remark})`,
    verdict: answer === expected ? "as expected" : "other",
  };
}

function creationQuestions(found: Found): Question[] {
  const { nameLength, names = {}, labels = {}, createError } = found;
  return [
    { name: "status of POST", expected: "200", seen: text(found.createStatus) },
    {
      name: "error in a created runner",
      expected: "none",
      seen: createError === undefined ? undefined : createError ?? "none",
    },
    { name: "self.hosted comes by itself", expected: "no", seen: yesOrNo(found.addsSelfHosted) },
    { name: "longest name", expected: "50", seen: limit(nameLength) },
    ...Object.entries(names).map(([name, trial]) =>
      trialQuestion(`name: ${name}`, name === "dot and underscore" ? "taken" : "refused", trial)
    ),
    ...Object.entries(labels).map(([name, trial]) =>
      trialQuestion(`label: ${name}`, name.startsWith("ten,") ? "taken" : "refused", trial)
    ),
    trialQuestion("two runners of one name", "taken", found.duplicateName),
  ];
}

function limit(found: Limit | undefined): Question["seen"] {
  return found && [String(found.taken), found.refused === null ? "more was not tried" : ""];
}

function doorQuestions(found: Found): Question[] {
  const { closing, reopening } = found;
  return [
    { name: "PUT of the runner closes it", expected: "yes", seen: yesOrNo(closing?.public) },
    { name: "PUT …/state closes it", expected: "yes", seen: yesOrNo(closing?.state) },
    { name: "PUT of the runner opens it again", expected: "yes", seen: yesOrNo(reopening?.public) },
    { name: "PUT …/state opens it again", expected: "yes", seen: yesOrNo(reopening?.state) },
    { name: "a closed runner shows", expected: "DISABLED", seen: found.closedShows },
    { name: "a reopened runner shows", expected: "UNREGISTERED", seen: found.reopenedShows },
    { name: "state.cordoned can be set", expected: "no", seen: yesOrNo(found.cordonedSettable) },
  ];
}

function listQuestions(found: Found): Question[] {
  return [
    { name: "longest page", expected: "100", seen: limit(found.pageLength) },
    { name: "a full page names the next one", expected: "yes", seen: yesOrNo(found.hasNext) },
    { name: "status for a bad body", expected: "400", seen: text(found.badBody) },
    { name: "error.detail for a bad body", expected: "string", seen: found.errorDetail },
    { name: "status for an unknown runner", expected: "404", seen: text(found.missingRunner) },
  ];
}

const SCOPE_HEADERS = ["x-oauth-scopes", "x-accepted-oauth-scopes", "x-credential-type"];

function credentialQuestions(found: Found): Question[] {
  const { headers } = found;
  return [
    {
      name: "rate-limit headers",
      // Source: Atlassian's documentation of API request limits.
      expected: found.credentials === "access token" ? "limit" : "none",
      seen: headers && [rateLimitForm(headers), headers.filter(isRateLimit).join(", ")],
    },
    {
      name: "headers about scopes",
      expected: SCOPE_HEADERS.join(", "),
      seen: headers && (SCOPE_HEADERS.filter((name) => headers.includes(name)).join(", ") || "none"),
    },
    { name: "field of a token's scopes", expected: "scope", seen: found.tokenScopeField },
    { name: "a token lives, in seconds", expected: "7200", seen: text(found.tokenLifetimeS) },
    { name: "an access token may see runners", expected: "yes", seen: yesOrNo(found.takesAccessToken) },
    ...(["oauth", "access token", "api token"] as const).map((kind) => ({
      name: `${KIND_NAMES[kind]} may manage runners`,
      expected: "yes",
      seen: manages(found, kind),
    })),
  ];
}

const KIND_NAMES: Readonly<Record<Findings["credentials"], string>> = {
  "oauth": "an OAuth consumer",
  "access token": "an access token",
  "api token": "an API token",
};

/** Without that nothing is found with the credentials in use; an access token may be tried beside others. */
function manages(
  { credentials, accessTokenManages }: Found,
  kind: Findings["credentials"],
): Question["seen"] {
  if (kind === credentials) return ["yes", "all of this was tried with it"];
  if (kind !== "access token" || accessTokenManages === undefined) return undefined;
  return [accessTokenManages.outcome === "refused" ? "no" : "yes", accessTokenManages.note];
}

const RIGHT_NAMES: Readonly<Record<RunnerRight, string>> = {
  read: "read its runner",
  list: "list all runners",
  close: "close its runner",
  delete: "delete its runner",
};

function identityQuestions({ runnerToken, runnerMay }: Found): Question[] {
  return [
    {
      name: "a runner's own identity gets a token",
      expected: "yes",
      seen: runnerToken && [runnerToken.outcome === "taken" ? "yes" : "no", runnerToken.note],
    },
    ...RUNNER_RIGHTS.map((right) => ({
      name: `a runner's own identity may ${RIGHT_NAMES[right]}`,
      expected: "no",
      seen: yesOrNo(runnerMay?.includes(right)),
    })),
  ];
}

function stepQuestions(found: Found): Question[] {
  const { offlineAfterMs, stepShown, stepShownAfterMs, stepShownClosed, deletedStep } = found;
  return [
    {
      name: "OFFLINE after a hard kill",
      expected: "yes",
      seen: offlineAfterMs === undefined
        ? undefined
        : offlineAfterMs === null
        ? "no"
        : ["yes", `after ${seconds(offlineAfterMs)}`],
    },
    {
      name: "state.step while a step runs",
      expected: "shown",
      seen: stepShown === undefined
        ? undefined
        : [shown(stepShown), stepShownAfterMs === undefined ? "" : `within ${seconds(stepShownAfterMs)}`],
    },
    {
      name: "state.step once the runner is closed",
      expected: "shown",
      seen: stepShownClosed === undefined ? undefined : shown(stepShownClosed),
    },
    trialQuestion("DELETE of a busy runner", "taken", found.busyDelete),
    {
      name: "a deleted runner's step ends with",
      expected: "ERROR",
      seen: deletedStep && [deletedStep.result, deletedStep.error],
    },
    { name: "${{…}} in runs-on is filled in", expected: "yes", seen: yesOrNo(found.fillsLabels) },
  ];
}

/** Which of the two known families of headers the names belong to. */
export function rateLimitForm(headers: readonly string[]): "none" | "limit" | "draft" {
  const names = headers.filter(isRateLimit);
  if (names.some((name) => /ratelimit-(remaining|reset)$/.test(name))) return "draft";
  return names.length === 0 ? "none" : "limit";
}

/** The forms that work, in the words of the local cloud's settings; undefined until all of them are known. */
export function workingForms(doors: Doors | undefined): "public" | "state" | "both" | "none" | undefined {
  if (doors?.public === undefined || doors.state === undefined) return undefined;
  if (doors.public) return doors.state ? "both" : "public";
  return doors.state ? "state" : "none";
}

function isRateLimit(name: string): boolean {
  return /^(x-)?ratelimit/.test(name);
}

function trialQuestion(name: string, expected: string, trial: Trial | undefined): Question {
  return { name, expected, seen: trial && [trial.outcome, trial.note] };
}

function text(number: number | undefined): string | undefined {
  return number === undefined ? undefined : String(number);
}

function yesOrNo(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : value ? "yes" : "no";
}

function shown(value: boolean): string {
  return value ? "shown" : "not shown";
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
