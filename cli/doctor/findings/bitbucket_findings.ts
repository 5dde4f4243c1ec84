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
    ...scopeFinding("runner:write", writes(look.scopes)),
    ...scopeFinding("pipeline", "error" in pipelines ? pipelines.error : true),
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
