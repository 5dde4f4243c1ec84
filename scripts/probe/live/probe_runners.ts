import type { BitbucketUrls } from "../../../shared/bitbucket/bitbucket_urls.ts";
import type { Answer } from "../../../shared/calls/bitbucket_call.ts";
import { ApiError } from "../../../shared/program/errors.ts";
import type { Host } from "../../../shared/program/host.ts";
import { bodyOf, remark, type SeenRunner, succeeded } from "../judge/read_answer.ts";
import type { ProbeClient } from "./probe_client.ts";

/** A runner of the probe's own. */
export interface OwnRunner {
  readonly uuid: string;
  readonly name: string;
  readonly labels: readonly string[];
}

/** How long a runner may take to appear whose creation went unanswered, in milliseconds. */
const LATE_MS = 2000;
/** How often what is left is looked for and removed. */
const ROUNDS = 5;
/** Answers that another round does not change. */
const REFUSALS = [401, 403, 404];
/** Guards against a list that never ends. */
const MOST_PAGES = 100;

export interface ProbeRunnersConfig {
  readonly client: ProbeClient;
  readonly urls: BitbucketUrls;
  readonly host: Pick<Host, "sleep">;
  /** What all names begin with, and nobody else's. */
  readonly prefix: string;
}

/** The runners of one run of the probe; one whose creation was never answered is known by its name's beginning. */
export class ProbeRunners {
  readonly #config: ProbeRunnersConfig;
  readonly #known = new Map<string, OwnRunner>();
  /** Whether there ever was one. */
  #created = false;
  /** Whether a runner may appear that no answer has told of. */
  #doubt = false;

  constructor(config: ProbeRunnersConfig) {
    this.#config = config;
  }

  /** Those that may be registered now. */
  get known(): OwnRunner[] {
    return [...this.#known.values()];
  }

  /**
   * Sends a POST with a name that begins with the prefix, as the bearer of `token` where one is given; the answer is a refusal
   * or has the runner's UUID.
   */
  async create(
    body: { readonly name: string; readonly labels: readonly string[] | number },
    signal: AbortSignal | undefined,
    token?: string,
  ): Promise<Answer> {
    const { client, urls } = this.#config;
    const before = new Set(this.#known.keys());
    let doubt = this.#doubt;
    const undo = async () => {
      doubt = true;
      for (const { uuid } of await this.#list()) if (!before.has(uuid)) await this.remove(uuid);
    };
    const request = { name: "create runner", method: "POST", url: urls.runners(), json: body, undo } as const;
    this.#doubt = true;
    const answer = token === undefined
      ? await client.send(request, signal)
      : await client.sendAs(token, request, signal);
    const { uuid, error, labels = [] } = bodyOf<SeenRunner>(answer);
    if (uuid !== undefined) {
      this.#known.set(uuid, { uuid, name: body.name, labels });
      this.#created = true;
    } else if (succeeded(answer) && !error) {
      throw new ApiError("Cannot create runner: Bitbucket's answer names none", { call: "create runner" });
    }
    this.#doubt = doubt;
    signal?.throwIfAborted();
    return answer;
  }

  /** Gives the answer, which is a refusal where the runner stays. */
  async remove(uuid: string, signal?: AbortSignal): Promise<Answer> {
    const { client, urls } = this.#config;
    const answer = await client.send(
      { name: "delete runner", method: "DELETE", url: urls.runners(uuid) },
      signal,
    );
    if (succeeded(answer) || answer.status === 404) this.#known.delete(uuid);
    return answer;
  }

  /** Removes them all and looks again until none is listed; rejects with ApiError where that cannot be reached. */
  async removeAll(): Promise<void> {
    if (!this.#created && !this.#doubt) return;
    let problem = "Bitbucket still lists them";
    for (let round = 1; round <= ROUNDS; round++) {
      // A runner that is busy can be removed only once Bitbucket knows that its process is gone.
      if (this.#doubt || round > 2) await this.#config.host.sleep(LATE_MS * 2 ** (round - 1));
      this.#doubt = false;
      try {
        const listed = await this.#list();
        if (listed.length === 0) return this.#known.clear();
        for (const { uuid } of listed) await this.remove(uuid);
      } catch (error) {
        if (!(error instanceof ApiError) || REFUSALS.includes(error.status ?? 0)) throw error;
        problem = error.message;
      }
    }
    throw new ApiError(`Cannot remove the probe's runners: ${problem}`, { call: "delete runner" });
  }

  async #list(): Promise<OwnRunner[]> {
    const found: OwnRunner[] = [];
    let query = "?pagelen=100";
    for (let page = 0; page < MOST_PAGES; page++) {
      const { values, next } = await this.#page(query);
      found.push(
        ...values.filter(({ name, uuid }) => name.startsWith(this.#config.prefix) || this.#known.has(uuid)),
      );
      if (next === undefined || new URL(next).search === query) break;
      query = new URL(next).search;
    }
    for (const runner of found) this.#known.set(runner.uuid, runner);
    return found;
  }

  /** How long a page may be is yet to be found out: where a hundred is too much, Bitbucket's default serves. */
  async #page(query: string): Promise<{ values: OwnRunner[]; next?: string | undefined }> {
    const { client, urls } = this.#config;
    const read = (search: string) =>
      client.send({ name: "list runners", method: "GET", url: urls.runners() + search });
    const asked = await read(query);
    const answer = asked.status === 400 ? await read("") : asked;
    const { values, next } = bodyOf<{ values: OwnRunner[]; next: string }>(answer);
    if (succeeded(answer) && values !== undefined) return { values, next };
    const message = `Cannot list runners: Bitbucket answered ${remark(answer)}`;
    throw new ApiError(message, { call: "list runners", status: answer.status });
  }
}
