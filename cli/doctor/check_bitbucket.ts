import { isCandidate, judgeLeftover, otherBuildOf } from "../../shared/leftovers/leftover_verdict.ts";
import type { Runner } from "../../shared/calls/bitbucket_schema.ts";
import { CredentialsError, type ProgramError } from "../../shared/program/errors.ts";
import type { BitbucketLook } from "./bitbucket_look.ts";
import { fail, type Finding, ok, unknown } from "./finding.ts";

/** Bitbucket's limit of runners in one repository. Source: Atlassian's own autoscaler. */
const MOST_RUNNERS = 100;
/** A credential that may not even list runners is refused with the scope that it lacks. */
const SCOPES = {
  "runner": "see runners",
  "runner:write": "register, close and remove them",
  "pipeline": "see pipelines",
} as const;
type Scope = keyof typeof SCOPES;

/** Requests to AWS are signed with the time; it takes five minutes of difference. Source: AWS's guide on signatures. */
const MOST_OFF_MS = 60_000;

/** Whether the credentials are good, and what they may do, scope by scope. */
export function bitbucketFindings(look: BitbucketLook, whose: string): Finding[] {
  const { runners, pipelines } = look;
  if ("error" in runners && !isForbidden(runners.error)) {
    return [
      fail("bitbucket", `${whose}: ${runners.error.message}`, remedyOf(runners.error)),
      ...scopesUnknown("Bitbucket does not answer to these credentials"),
    ];
  }
  return [
    ok("bitbucket", `it takes ${whose}`),
    ...scopeFinding("runner", "error" in runners ? runners.error : true),
    ...scopeFinding("runner:write", "error" in runners ? runners.error : writes(look.scopes)),
    ...scopeFinding("pipeline", "error" in pipelines ? pipelines.error : true),
  ];
}

/** The same where nobody can be asked. */
export function bitbucketUnknown(why: string, remedy: string): Finding[] {
  return [unknown("bitbucket", why, remedy), ...scopesUnknown("without credentials, scopes cannot be told")];
}

/** How many runners there are, and how many of them nobody needs; `ended` says of builds whether they have. */
export function runnerFindings(
  { runners }: BitbucketLook,
  project: string | undefined,
  ended: ReadonlyMap<string, boolean> | undefined,
  now: number,
): Finding[] {
  if ("error" in runners) return [unknown("runners", "they cannot be listed")];
  const list = runners.value;
  const full = list.length >= MOST_RUNNERS;
  const detail = `the repository has ${list.length} of at most ${MOST_RUNNERS} runners`;
  const left = project === undefined ? [] : list.filter((runner) => isLeft(runner, project, ended, now));
  return [
    full
      ? fail("runners", detail, "remove some: start-runner cleanup, or repository settings, Runners")
      : ok("runners", detail),
    left.length === 0 ? ok("leftovers", "no runner of a dead build is registered") : ok(
      "leftovers",
      `${left.length} of a dead build: ${left.slice(0, 3).map(({ name }) => name).join(", ")}`,
      "the next build removes them, or start-runner cleanup does",
    ),
  ];
}

/** Builds that runners of the project name: whether they have ended says which runners are left over. */
export function buildsBehind({ runners }: BitbucketLook, project: string): string[] {
  const list = "error" in runners ? [] : runners.value;
  return [...new Set(list.flatMap((runner) => otherBuildOf(runner, { project }) ?? []))].slice(0, 100);
}

/** Whether this machine's clock is that of the platforms. */
export function clockFinding(aheadMs: number | undefined): Finding {
  if (aheadMs === undefined) return unknown("clock", "nobody has told what time it is");
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const detail = seconds < 2
    ? "it agrees with Bitbucket's"
    : `it is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} Bitbucket's`;
  const off = Math.abs(aheadMs) > MOST_OFF_MS;
  return ok(
    "clock",
    detail,
    off ? "set this machine's clock: AWS refuses signatures that are five minutes off" : undefined,
  );
}

function isLeft(
  runner: Runner,
  project: string,
  ended: ReadonlyMap<string, boolean> | undefined,
  now: number,
): boolean {
  if (!isCandidate(runner, { project })) return false;
  const over = ended?.get(otherBuildOf(runner, { project }) ?? "");
  const build = ended === undefined
    ? undefined
    : over === undefined
    ? "not known"
    : over
    ? "ended"
    : "running";
  return judgeLeftover(runner, { project, now, build }).runner.startsWith("dead");
}

/** Writing implies reading for OAuth scopes; an API token's have other names. */
function writes(scopes: readonly string[] | undefined): boolean | undefined {
  if (scopes === undefined) return undefined;
  return scopes.some((scope) => scope === "runner:write" || scope === "write:runner:bitbucket");
}

function scopeFinding(scope: Scope, granted: boolean | undefined | ProgramError): Finding[] {
  const check = "scopes";
  const detail = `${scope}, to ${SCOPES[scope]}`;
  if (granted === true) return [ok(check, detail)];
  if (granted === undefined) {
    return [
      unknown(check, `${detail}: Bitbucket does not say whether the credentials have it`, "a start shows it"),
    ];
  }
  if (granted === false) {
    return [fail(check, `${detail}, is missing`, `add the scope ${scope} to the credentials`)];
  }
  return isForbidden(granted)
    ? [fail(check, `${detail}: ${granted.message}`, remedyOf(granted))]
    : [unknown(check, `${detail}: ${granted.message}`)];
}

function scopesUnknown(why: string): Finding[] {
  return [unknown("scopes", `${Object.keys(SCOPES).join(", ")}: ${why}`)];
}

function isForbidden(error: ProgramError): boolean {
  return error instanceof CredentialsError && /answered 403/.test(error.message);
}

function remedyOf({ hint }: ProgramError): string {
  return hint ?? "check the network, and BITBUCKET_API_URL";
}
