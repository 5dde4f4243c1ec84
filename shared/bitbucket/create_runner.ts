import { bitbucketMessage } from "../calls/bitbucket_failure.ts";
import { type Answer, type ApiCall, valueOf } from "../calls/bitbucket_call.ts";
import type { BoundSend } from "../calls/bitbucket_http.ts";
import { type CreatedRunner, createdRunnerSchema } from "../calls/bitbucket_schema.ts";
import { ApiError, ProgramError } from "../program/errors.ts";
import type { Logger } from "../program/log.ts";
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

  async create(
    runner: { name: string; labels: readonly string[] },
    signal: AbortSignal | undefined,
  ): Promise<CreatedRunner> {
    const { send, bitbucket, log, url } = this.#creation;
    let doubt = false;
    const undo = async () => {
      doubt = true;
      await removeRunnersNamed({ bitbucket, name: runner.name, log });
    };
    const created = valueOf(await send(createCall(url, runner, undo), signal));
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

function createCall(
  url: string,
  { name, labels }: { name: string; labels: readonly string[] },
  undo: () => Promise<void>,
): ApiCall<CreatedRunner> {
  return {
    name: "create runner",
    method: "POST",
    url,
    json: { name, labels },
    schema: createdRunnerSchema,
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
  const limit = "A repository and a workspace hold 100 runners each: remove runners that are no longer used";
  const given = labels.join(", ");
  const rule = `labels are lower-case letters, digits and dots, at most 50 characters (these: ${given})`;
  const aboutLabels = /label/i.test(bitbucketMessage(answer) ?? "");
  const hint = aboutLabels ? `Check RUNNER_LABEL: ${rule}` : `${limit}; ${rule}`;
  return new ApiError(message, { call: "create runner", status }, { hint });
}
