import { missingScopeError } from "../../../shared/calls/bitbucket_failure.ts";
import { isGranted } from "../../../shared/calls/granted_scopes.ts";
import type { BitbucketCredentials } from "../../../shared/settings/bitbucket_settings.ts";
import { CredentialsError, type ProgramError } from "../../../shared/program/errors.ts";
import type { BitbucketLook } from "../bitbucket_look.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

/** A credential that may not even list runners is refused with the scope that it lacks. */
const SCOPES = {
  "runner": "see runners",
  "runner:write": "register, close and remove them",
  "pipeline": "see pipelines",
} as const;
type Scope = keyof typeof SCOPES;

/** Whether it is there, undefined where nobody says so, or what was answered in its place. */
type Right = true | undefined | ProgramError;

/** Requests to AWS are signed with the time; it takes five minutes of difference. Source: AWS's guide on signatures. */
const MOST_OFF_MS = 60_000;

/** Whether the credentials are good, and what they may do, scope by scope. */
export function bitbucketFindings(
  look: BitbucketLook,
  credentials: BitbucketCredentials,
  whose: string,
): Finding[] {
  const { runners, pipelines } = look;
  if ("error" in runners && !lacksScope(runners.error)) {
    return [
      fail("bitbucket", `${whose}: ${runners.error.message}`, remedyOf(runners.error)),
      ...scopesUnknown("Bitbucket does not answer to these credentials"),
    ];
  }
  return [
    ok("bitbucket", `it takes ${whose}`),
    scopeFinding("runner", "error" in runners ? runners.error : true),
    scopeFinding("runner:write", writing(look, credentials)),
    scopeFinding("pipeline", "error" in pipelines ? pipelines.error : true),
  ];
}

/** The same where nobody can be asked. */
export function bitbucketUnknown(why: string, remedy: string): Finding[] {
  return [unknown("bitbucket", why, remedy), ...scopesUnknown("without credentials, scopes cannot be told")];
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

/** Only the list of scopes tells; one that lacks what has just been let through is not all there is to say. */
function writing({ runners, scopes }: BitbucketLook, { kind }: BitbucketCredentials): Right {
  if (scopes === undefined || ("value" in runners && !isGranted("runner", scopes))) return undefined;
  const right = "runner:write";
  return isGranted(right, scopes) || missingScopeError("Cannot register runners", [right], kind);
}

function scopeFinding(scope: Scope, right: Right): Finding {
  const check = "scopes";
  const detail = `${scope}, to ${SCOPES[scope]}`;
  if (right === true) return ok(check, detail);
  if (right === undefined) {
    return unknown(
      check,
      `${detail}: Bitbucket does not say whether the credentials have it`,
      "a start shows it",
    );
  }
  return lacksScope(right)
    ? fail(check, `${detail}: ${right.message}`, remedyOf(right))
    : unknown(check, `${detail}: ${right.message}`);
}

function scopesUnknown(why: string): Finding[] {
  return [unknown("scopes", `${Object.keys(SCOPES).join(", ")}: ${why}`)];
}

function lacksScope(error: ProgramError): boolean {
  return error instanceof CredentialsError && /; missing scope: /.test(error.message);
}

function remedyOf({ hint }: ProgramError): string {
  return hint ?? "check the network, and BITBUCKET_API_URL";
}
