import { bitbucketMessage } from "../calls/bitbucket_failure.ts";
import { type Answer, type ApiCall, type Schema, valueOf } from "../calls/bitbucket_call.ts";
import type { BoundSend } from "../calls/bitbucket_http.ts";
import {
  type CreatedRunner,
  createdRunnerSchema,
  type FailedRunner,
  failedRunnerSchema,
} from "../calls/bitbucket_schema.ts";
import { ApiError, ProgramError } from "../program/errors.ts";
import type { Logger } from "../output/log.ts";
import type { NewRunner } from "./bitbucket.ts";
import { type RemoveRunnersNamed, removeRunnersNamed } from "./remove_runners_named.ts";

/** What creating runners takes. */
export interface RunnerCreation {
  readonly send: BoundSend;
  readonly bitbucket: RemoveRunnersNamed["bitbucket"];
  readonly log: Logger;
  /** Where runners are registered. */
  readonly url: string;
}

/**
 * Registers runners so that there is one of the name in the end. An attempt without a usable answer may have
 * registered one, or may do so a moment later: what carries the name is removed before the next attempt,
 * once more after it, and a last time when the runner itself is removed.
 */
export class RunnerCreator {
  readonly #creation: RunnerCreation;
  /** Names of runners, by UUID, that may have got a double. */
  readonly #doubtful = new Map<string, string>();

  constructor(creation: RunnerCreation) {
    this.#creation = creation;
  }

  async create(runner: NewRunner, signal: AbortSignal | undefined): Promise<CreatedRunner> {
    const { send, bitbucket, log, url } = this.#creation;
    let doubt = false;
    const undo = async () => {
      doubt = true;
      await removeRunnersNamed({ bitbucket, name: runner.name, log });
    };
    const created = valueOf(await send(createCall(url, runner, undo), signal));
    if ("error" in created) {
      await this.#removeFailed(created, doubt ? runner.name : undefined);
      throw failure(created, runner.labels, log);
    }
    log.redactor.add(created.oauth_client.secret);
    if (doubt) this.#doubtful.set(created.uuid, runner.name);
    if (signal?.aborted) await this.#quietly(() => bitbucket.deleteRunner(created.uuid));
    else if (doubt) {
      await this.#quietly(() =>
        removeRunnersNamed({ bitbucket, name: runner.name, keepUuid: created.uuid, log })
      );
    }
    signal?.throwIfAborted();
    return created;
  }

  /** To be called when a runner has been removed; does nothing for one whose creation went smoothly. */
  async removeDoubles(runnerUuid: string, signal: AbortSignal | undefined): Promise<void> {
    const name = this.#doubtful.get(runnerUuid);
    if (name === undefined) return;
    this.#doubtful.delete(runnerUuid);
    await removeRunnersNamed({ ...this.#creation, name, signal });
  }

  /** A registration that Bitbucket calls a failure may have left a runner all the same. */
  async #removeFailed({ uuid }: FailedRunner, doubtfulName: string | undefined): Promise<void> {
    const { bitbucket, log } = this.#creation;
    if (uuid) await this.#quietly(() => bitbucket.deleteRunner(uuid));
    if (doubtfulName === undefined) return;
    await this.#quietly(() => removeRunnersNamed({ bitbucket, name: doubtfulName, log }));
  }

  /** For tidying up beside what the caller waits for: there it must not become the failure. */
  async #quietly(tidyUp: () => Promise<unknown>): Promise<void> {
    try {
      await tidyUp();
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      this.#creation.log.warning(error.message);
    }
  }
}

/** An answer is a failure first: the runner in it is of no use then, even if it is complete. */
const createdOrFailed: Schema<CreatedRunner | FailedRunner> = {
  safeParse(value) {
    const failed = failedRunnerSchema.safeParse(value);
    return failed.success ? failed : createdRunnerSchema.safeParse(value);
  },
};

function failure({ error }: FailedRunner, labels: readonly string[], log: Logger): ApiError {
  const details = [error.message && error.key, error.arguments && JSON.stringify(error.arguments)];
  const text = [error.message || error.key, ...details].filter(Boolean).join("; ");
  const message = log.redactor.redact(`Cannot create runner: Bitbucket says «${text}»`);
  return new ApiError(message, { call: "create runner" }, { hint: propertiesHint(text, labels) });
}

function createCall(
  url: string,
  { name, labels }: NewRunner,
  undo: () => Promise<void>,
): ApiCall<CreatedRunner | FailedRunner> {
  return {
    name: "create runner",
    method: "POST",
    url,
    json: { name, labels },
    schema: createdOrFailed,
    scopes: ["runner:write"],
    undo,
    explain: (answer, message) => explainBadRequest(answer, message, labels),
  };
}

/** Bitbucket's API description gives 400 two meanings: bad properties, or the limit on runners. */
function explainBadRequest(
  answer: Answer,
  message: string,
  labels: readonly string[],
): ProgramError | undefined {
  const { status } = answer;
  if (status !== 400) return undefined;
  const hint = propertiesHint(bitbucketMessage(answer) ?? "", labels);
  return new ApiError(message, { call: "create runner", status }, { hint });
}

function propertiesHint(said: string, labels: readonly string[]): string {
  const limit = "A repository and a workspace hold 100 runners each: remove runners that are no longer used";
  const given = labels.join(", ");
  const rule = `labels are lower-case letters, digits and dots, at most 50 characters (these: ${given})`;
  return /label/i.test(said) ? `Check RUNNER_LABEL: ${rule}` : `${limit}; ${rule}`;
}
