import type { Bitbucket, CloseForm, CloseResult, KnownRunner } from "./bitbucket.ts";
import { anyAnswer } from "../calls/bitbucket_answer.ts";
import type { ApiCall } from "../calls/bitbucket_call.ts";
import type { BoundSend } from "../calls/bitbucket_http.ts";
import { isClosed, type Runner } from "../calls/bitbucket_schema.ts";
import type { BitbucketUrls } from "./bitbucket_urls.ts";
import { ApiError } from "../program/errors.ts";
import type { Host } from "../program/host.ts";
import type { Logger } from "../output/log.ts";

/** What closing runners takes. */
export interface RunnerClosing {
  readonly send: BoundSend;
  readonly bitbucket: Pick<Bitbucket, "getRunner">;
  readonly host: Pick<Host, "sleep">;
  readonly log: Logger;
  readonly urls: BitbucketUrls;
}

type Form = Exclude<CloseForm, "refused">;

/** How long a change may take until it can be read back, in milliseconds. */
const SETTLE_MS = 500;

/** Closes runners to new steps, by the form that Bitbucket turns out to honour; remembers which one it is. */
export class RunnerCloser {
  readonly #closing: RunnerClosing;
  #known: Form | undefined;
  /** Runners closed so far: one that has been opened again shows that a form is not to be trusted. */
  readonly #closedOnce = new Set<string>();
  #first: Promise<unknown> | undefined;

  constructor(closing: RunnerClosing) {
    this.#closing = closing;
  }

  /** The first of several runners shows which form it is; the others wait for that. */
  close(runner: KnownRunner, signal: AbortSignal | undefined): Promise<CloseResult> {
    const closing = this.#first === undefined
      ? this.#close(runner, signal)
      : this.#first.catch(() => {}).then(() => this.#close(runner, signal));
    this.#first ??= closing;
    return closing;
  }

  async #close(runner: KnownRunner, signal: AbortSignal | undefined): Promise<CloseResult> {
    const again = this.#closedOnce.has(runner.uuid);
    this.#closedOnce.add(runner.uuid);
    const forms: readonly Form[] = this.#known === "state" ? ["state", "public"] : ["public", "state"];
    let seen: Runner | undefined;
    let unread: Form | undefined;
    for (const form of forms) {
      const accepted = await this.#tryForm(form, runner, signal);
      if (accepted === "no") continue;
      if (accepted === "yes" && form === this.#known && !again) return { form, runner: "trusted" };
      const read = await this.#readBack(runner.uuid, accepted === "yes", signal).catch((error) =>
        unreadBy(error, accepted)
      );
      if (read === "unread") {
        // Only when both have been tried is it sure that one of them has closed it.
        unread = form;
        continue;
      }
      if (read === undefined) return { form, runner: undefined };
      if (isClosed(read)) return this.#closed(form, read);
      seen = read;
    }
    if (unread !== undefined) return { form: unread, runner: "unread" };
    seen ??= await this.#closing.bitbucket.getRunner(runner.uuid, { signal });
    return { form: "refused", runner: seen };
  }

  #closed(form: Form, runner: Runner): CloseResult {
    if (this.#known !== form) {
      const address = form === "public" ? "its public address" : "the older state address";
      this.#closing.log.info(`Runner «${runner.name}» is closed to new steps by ${address}`);
    }
    this.#known = form;
    return { form, runner };
  }

  /** «unknown» stands for a runner that is not there or a call that came to nothing: a look will tell. */
  async #tryForm(
    form: Form,
    runner: KnownRunner,
    signal: AbortSignal | undefined,
  ): Promise<"yes" | "no" | "unknown"> {
    try {
      const reply = await this.#closing.send(closeCall(form, runner, this.#closing.urls), signal);
      if (reply.ok) return "yes";
      return reply.status === 404 ? "unknown" : "no";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#closing.log.warning(error.message);
      return "unknown";
    }
  }

  async #readBack(
    uuid: string,
    accepted: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Runner | undefined> {
    const { bitbucket, host } = this.#closing;
    const runner = await bitbucket.getRunner(uuid, { signal });
    if (runner === undefined || isClosed(runner) || !accepted) return runner;
    await host.sleep(SETTLE_MS, signal);
    return await bitbucket.getRunner(uuid, { signal });
  }
}

/** That Bitbucket cannot be asked is no answer to whether it has closed the runner, where it took the attempt. */
function unreadBy(error: unknown, accepted: "yes" | "unknown"): "unread" {
  if (error instanceof ApiError && accepted === "yes") return "unread";
  throw error;
}

/**
 * The public form carries the state in the runner itself, as one client in the wild does; the state address is what
 * Atlassian's own autoscaler uses. Neither is in the published description.
 */
function closeCall(form: Form, runner: KnownRunner, urls: BitbucketUrls): ApiCall<unknown> {
  const { name, labels } = runner;
  const state = { status: "DISABLED" };
  return {
    name: "close runner",
    method: "PUT",
    ...(form === "public"
      ? { url: urls.runners(runner.uuid), json: { name, labels, state } }
      : { url: urls.runnerState(runner.uuid), json: state }),
    schema: anyAnswer,
    scopes: ["runner:write"],
    answers: [400, 403, 404, 405, 422],
  };
}
