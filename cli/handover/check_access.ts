import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import { missingScopeError } from "../../shared/calls/bitbucket_failure.ts";
import { isGranted } from "../../shared/calls/granted_scopes.ts";
import { ApiError, CredentialsError, messageOf, TimeoutError } from "../../shared/program/errors.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { withDeadline } from "../wait/deadline.ts";

export interface AccessCheck extends Pick<StartContext, "host" | "log" | "signal"> {
  readonly bitbucket: Pick<Bitbucket, "accessToken" | "listRunners" | "getPipeline" | "grantedScopes">;
  readonly kind: "oauth" | "access token" | "api token";
  readonly pipelineUuid: string;
}

/** What the agent needs where it has credentials. */
const NEEDED = ["runner:write", "pipeline"];
/** For Bitbucket to say so, in milliseconds: the build may well work where it does not. */
const CHECK_MS = 5_000;

/**
 * Sees whether Bitbucket lets credentials in that a build is to get, and whether they have the scopes for it. Rejects with
 * `CredentialsError` where it is known that they do not do; what is not known is no reason to end a start.
 */
export async function checkAccess(check: AccessCheck): Promise<void> {
  const { host, log, signal } = check;
  const reason = new TimeoutError(`Bitbucket has not answered within ${CHECK_MS / 1000} s`);
  try {
    await withDeadline(host, { ms: CHECK_MS, reason, signal }, (signal) => ask({ ...check, signal }));
  } catch (error) {
    signal.throwIfAborted();
    if (error === reason || isUnanswered(error)) {
      log.warning(`${messageOf(error)}; going on, though the step's Bitbucket credentials are untried`);
      return;
    }
    // As Bitbucket answers whoever may not see a repository.
    const unseen = error instanceof ApiError && error.status === 404;
    throw unseen ? new CredentialsError(error.message, { hint: error.hint, cause: error }) : error;
  }
}

function isUnanswered(error: unknown): boolean {
  return error instanceof ApiError && error.status !== 404;
}

/** One request where all is well: a consumer's token comes with its scopes, the other kinds are tried with a list. */
async function ask({ bitbucket, kind, pipelineUuid, signal }: AccessCheck): Promise<void> {
  const lacking = () => NEEDED.filter((scope) => !isGranted(scope, bitbucket.grantedScopes ?? []));
  if (kind === "oauth") {
    await bitbucket.accessToken({ signal });
    if (lacking().length === 0) return;
  }
  await bitbucket.listRunners({ signal });
  // A list that does not even have what has just been let through is not all there is to say.
  if (!isGranted("runner", bitbucket.grantedScopes ?? [])) return;
  if (lacking().includes("runner:write")) {
    const message = "Cannot register runners with the step's Bitbucket credentials";
    throw missingScopeError(message, ["runner:write"], kind);
  }
  if (lacking().includes("pipeline")) await bitbucket.getPipeline(pipelineUuid, { signal });
}
