import type { Bitbucket } from "./bitbucket.ts";
import { anyAnswer } from "../calls/bitbucket_answer.ts";
import { type ApiCall, type Schema, valueOf } from "../calls/bitbucket_call.ts";
import { type BoundSend, createSend } from "../calls/bitbucket_http.ts";
import { GrantedScopes } from "../calls/granted_scopes.ts";
import type { HeldToken, Identity } from "../calls/identity.ts";
import { pageSchema, pipelineSchema, pipelineStepSchema, runnerSchema } from "../calls/bitbucket_schema.ts";
import type { BitbucketCredentials } from "../settings/bitbucket_settings.ts";
import { createIdentity } from "../calls/bitbucket_token.ts";
import { bitbucketUrls } from "./bitbucket_urls.ts";
import { RunnerCloser } from "./close_runner.ts";
import { RunnerCreator } from "./create_runner.ts";
import type { Host } from "../program/host.ts";
import { listPages } from "../calls/list_pages.ts";
import type { Logger } from "../output/log.ts";
import { RequestBudget } from "../calls/request_budget.ts";
import { ServerClock } from "../calls/server_clock.ts";

/** Where Bitbucket is, which repository is meant, and as whom. */
export interface BitbucketConfig {
  /** As in `https://api.bitbucket.org/2.0`, without a slash at its end. */
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly credentials: BitbucketCredentials;
  /** A token that an earlier program obtained with the same credentials. */
  readonly heldToken?: HeldToken | undefined;
  /** In braces, or the slug; likewise for the repository. */
  readonly workspaceUuid: string;
  readonly repositoryUuid: string;
  /** How long one HTTP request may stay unanswered, in seconds. */
  readonly apiTimeoutS: number;
  readonly log: Logger;
}

/** Bitbucket's API over HTTP for one repository; every secret it handles is made known to the log's redactor. */
export function createBitbucket(host: Host, config: BitbucketConfig): Bitbucket {
  const budget = new RequestBudget(host);
  const clock = new ServerClock(host);
  const granted = new GrantedScopes();
  const { apiTimeoutS, log, log: { redactor }, tokenUrl, credentials, heldToken: held } = config;
  const sendAs = createSend(host, { timeoutMs: apiTimeoutS * 1000, log, budget, clock, granted });
  const identity = createIdentity(host, sendAs, { credentials, tokenUrl, held, granted, redactor });
  const send: BoundSend = (call, signal) => sendAs(call, identity, signal);
  return new BitbucketClient({ host, config, send, identity, budget, clock, granted });
}

interface Parts {
  readonly host: Host;
  readonly config: BitbucketConfig;
  readonly send: BoundSend;
  readonly identity: Identity;
  readonly budget: RequestBudget;
  readonly clock: ServerClock;
  readonly granted: GrantedScopes;
}

const runnersPage = pageSchema(runnerSchema);
const pipelinesPage = pageSchema(pipelineSchema);
const stepsPage = pageSchema(pipelineStepSchema);

class BitbucketClient implements Bitbucket {
  readonly #parts: Parts;
  readonly #urls;
  readonly #creator;
  readonly #closer;

  constructor(parts: Parts) {
    const { host, config: { apiUrl, workspaceUuid: workspace, repositoryUuid: repository, log }, send } =
      parts;
    this.#parts = parts;
    this.#urls = bitbucketUrls({ apiUrl, workspace, repository });
    this.#creator = new RunnerCreator({ send, bitbucket: this, log, url: this.#urls.runners() });
    this.#closer = new RunnerCloser({ send, bitbucket: this, host, log, urls: this.#urls });
  }

  get requests() {
    return this.#parts.budget.requests;
  }

  get stretch() {
    return this.#parts.budget.stretch;
  }

  get grantedScopes() {
    return this.#parts.granted.told;
  }

  get heldToken() {
    return this.#parts.identity.held;
  }

  accessToken: Bitbucket["accessToken"] = async (options) => {
    const { identity } = this.#parts;
    await identity.authorization(options?.signal);
    if (identity.held !== undefined) return identity.held;
    throw new Error(`There is no token to be had for an ${identity.kind}`);
  };

  serverNow: Bitbucket["serverNow"] = () => this.#parts.clock.now();

  listRunners: Bitbucket["listRunners"] = (options) =>
    listPages(
      this.#parts.send,
      reading("list runners", this.#urls.runners(), "runner"),
      runnersPage,
      options?.signal,
    );

  getRunner: Bitbucket["getRunner"] = (uuid, options) =>
    this.#find(reading("get runner", this.#urls.runners(uuid), "runner"), runnerSchema, options?.signal);

  createRunner: Bitbucket["createRunner"] = (runner, options) =>
    this.#creator.create(runner, options?.signal);

  closeRunner: Bitbucket["closeRunner"] = (runner, options) => this.#closer.close(runner, options?.signal);

  renameRunner: Bitbucket["renameRunner"] = async ({ uuid, name, labels }, options) => {
    await this.#parts.send({
      name: "rename runner",
      method: "PUT",
      url: this.#urls.runners(uuid),
      json: { name, labels },
      schema: anyAnswer,
      scopes: ["runner:write"],
    }, options?.signal);
  };

  deleteRunner: Bitbucket["deleteRunner"] = async (uuid, options) => {
    await this.#parts.send({
      name: "delete runner",
      method: "DELETE",
      url: this.#urls.runners(uuid),
      schema: anyAnswer,
      scopes: ["runner:write"],
      answers: [404],
    }, options?.signal);
    await this.#creator.removeDoubles(uuid, options?.signal);
  };

  getPipeline: Bitbucket["getPipeline"] = (uuid, options) =>
    this.#find(
      reading("get pipeline", this.#urls.pipelines(uuid), "pipeline"),
      pipelineSchema,
      options?.signal,
    );

  listSteps: Bitbucket["listSteps"] = (uuid, options) =>
    listPages(
      this.#parts.send,
      reading("list steps", this.#urls.steps(uuid), "pipeline"),
      stepsPage,
      options?.signal,
    );

  listUnfinishedPipelines: Bitbucket["listUnfinishedPipelines"] = async (options) => {
    const url = `${this.#urls.pipelines()}?sort=-created_on&pagelen=100`;
    const call = { ...reading("list pipelines", url, "pipeline"), schema: pipelinesPage };
    const { values } = valueOf(await this.#parts.send(call, options?.signal));
    return values.filter((pipeline) => pipeline.state.name !== "COMPLETED");
  };

  /** The value, or undefined where Bitbucket does not know it. */
  async #find<T>(call: Reading, schema: Schema<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
    const reply = await this.#parts.send({ ...call, schema, answers: [404] }, signal);
    return reply.ok ? reply.value : undefined;
  }
}

type Reading = Omit<ApiCall<unknown>, "schema">;

function reading(name: string, url: string, scope: string): Reading {
  return { name, method: "GET", url, scopes: [scope] };
}
