import { createBitbucket } from "../../shared/bitbucket/bitbucket_client.ts";
import type { Runner } from "../../shared/calls/bitbucket_schema.ts";
import { ApiError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import type { BitbucketCredentials } from "../../shared/settings/bitbucket_settings.ts";
import { type Answer, ask } from "./answer.ts";

/** What Bitbucket answers to credentials of its, as far as reading alone can tell. */
export interface BitbucketLook {
  readonly runners: Answer<readonly Runner[]>;
  readonly pipelines: Answer<unknown>;
  /** What the credentials may, where Bitbucket has said so. */
  readonly scopes: readonly string[] | undefined;
  /** How far this machine's clock is ahead of Bitbucket's, in milliseconds; undefined where it has not answered. */
  readonly aheadMs: number | undefined;
}

/** Whom to ask, about which repository. */
export interface BitbucketQuestion {
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly credentials: BitbucketCredentials;
  readonly workspaceUuid: string;
  readonly repositoryUuid: string;
  readonly apiTimeoutS: number;
  readonly log: Logger;
}

/** Asks what a runner's agent asks, and changes nothing: three requests at most, if nothing has to be repeated. */
export async function lookAtBitbucket(
  host: Host,
  question: BitbucketQuestion,
  signal: AbortSignal,
): Promise<BitbucketLook> {
  const bitbucket = createBitbucket(host, question);
  // One after the other: a token is asked for once.
  const runners = await ask(signal, () => bitbucket.listRunners({ signal }));
  const pipelines = "error" in runners && isUnanswered(runners)
    ? { error: runners.error }
    : await ask(signal, () => bitbucket.listUnfinishedPipelines({ signal }));
  return {
    runners,
    pipelines,
    scopes: bitbucket.grantedScopes,
    aheadMs: isUnanswered(runners) ? undefined : host.now() - bitbucket.serverNow(),
  };
}

function isUnanswered(answer: Answer<unknown>): boolean {
  return "error" in answer && answer.error instanceof ApiError && answer.error.status === undefined;
}
