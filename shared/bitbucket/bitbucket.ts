import type { HeldToken } from "../calls/identity.ts";
import type { CreatedRunner, Pipeline, PipelineStep, Runner } from "../calls/bitbucket_schema.ts";

/** Which of the two ways of closing a runner to new steps Bitbucket honoured; facts differ, so both are tried. */
export type CloseForm = "public" | "state" | "refused";

export interface CloseResult {
  readonly form: CloseForm;
  /**
   * The runner as read back after the attempt; undefined when Bitbucket no longer knows it, «unread» when it took the
   * attempt and then could not be asked, «trusted» when it took one in the form that has closed another runner before.
   */
  readonly runner: Runner | "unread" | "trusted" | undefined;
}

export type NewRunner = { readonly name: string; readonly labels: readonly string[] };
export type KnownRunner = NewRunner & { readonly uuid: string };

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Bitbucket's API as the programs use it, for one repository. Failures are `ApiError`, or `CredentialsError`
 * where Bitbucket refuses the credentials; both name the call. Passing faults have been retried by then.
 */
export interface Bitbucket {
  /** All runners of the repository, over all pages. */
  listRunners(options?: CallOptions): Promise<Runner[]>;
  /**
   * Registers a runner under a name that nobody else uses. When it is uncertain whether an attempt got through, what it
   * may have left under that name is removed before the next one, so that there is one runner in the end.
   */
  createRunner(runner: NewRunner, options?: CallOptions): Promise<CreatedRunner>;
  /**
   * Gives the runner another name. Clients send it so (PUT with name and labels); whether Bitbucket honours it shows when the
   * runner is read.
   */
  renameRunner(runner: KnownRunner, options?: CallOptions): Promise<void>;
  /** The runner, or undefined when Bitbucket does not know it. */
  getRunner(runnerUuid: string, options?: CallOptions): Promise<Runner | undefined>;
  /** Closes the runner to new steps, and reads it back. */
  closeRunner(runner: KnownRunner, options?: CallOptions): Promise<CloseResult>;
  /** Unregisters the runner; one that Bitbucket does not know counts as unregistered. */
  deleteRunner(runnerUuid: string, options?: CallOptions): Promise<void>;
  getPipeline(pipelineUuid: string, options?: CallOptions): Promise<Pipeline | undefined>;
  /** The steps of a pipeline in their order, over all pages. */
  listSteps(pipelineUuid: string, options?: CallOptions): Promise<PipelineStep[]>;
  /** The repository's newest pipelines (one page, at most 100) that are not completed. */
  listUnfinishedPipelines(options?: CallOptions): Promise<Pipeline[]>;
  /** Requests sent so far, those for tokens and retries included. */
  readonly requests: number;
  /** By how much polling intervals are to be stretched so that the hourly budget lasts; 1 when there is plenty. */
  readonly stretch: number;
  /** A token that is good for a while: the one in use, or a new one. Rejects where the credentials are no OAuth consumer. */
  accessToken(options?: CallOptions): Promise<HeldToken>;
  /** The OAuth token in use, for a later program with the same credentials. */
  readonly heldToken: HeldToken | undefined;
  /** The scopes that Bitbucket has last said these credentials have; undefined where it has not said so. */
  readonly grantedScopes: readonly string[] | undefined;
  /** The server's clock in milliseconds since 1970, taken from its last answer; the local clock before that. */
  serverNow(): number;
}
