import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import { provisionalName, runnerName } from "../../shared/leftovers/runner_name.ts";
import { ApiError, messageOf, RunnerError } from "../../shared/program/errors.ts";
import type { RunnerIdentity } from "../../shared/settings/runner_identity.ts";
import { runnerLabels } from "../../shared/settings/runner_labels.ts";
import { waitFor } from "../../shared/program/wait.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { expectedArchitecture } from "../options/build_image.ts";
import { within } from "../wait/deadline.ts";

/** The first and the longest pause between two looks at whether Bitbucket calls the runner online, in milliseconds. */
const CONFIRM_MS = { first: 500, longest: 10_000 };

/** Registers a runner for the build that is about to be started: by its number the build's first, or another. Rejects as Bitbucket does. */
export async function registerRunner(
  context: StartContext,
  bitbucket: Bitbucket,
  number: number,
): Promise<RegisteredRunner> {
  const { config, log, signal } = context;
  const arch = expectedArchitecture(config);
  const labels = runnerLabels(config.runnerType, arch, config.labels ?? []);
  const name = provisionalName(config.project, crypto.randomUUID());
  const { uuid, oauth_client: { id: clientId, secret: clientSecret } } = await bitbucket.createRunner(
    { name, labels },
    { signal },
  );
  const said = `Registered runner ${name} with labels ${labels.join(", ")}`;
  // Of several their number is said once all are there.
  if ((config.runners ?? 1) === 1) log.info(said, { runner: name });
  else log.detail(said, { runner: name });
  const identity = { uuid, clientId, clientSecret, type: config.runnerType, arch };
  return new RegisteredRunner(context, { bitbucket, identity, labels, name, number });
}

interface Registration {
  readonly bitbucket: Bitbucket;
  readonly identity: RunnerIdentity;
  readonly labels: readonly string[];
  readonly name: string;
  /** Which of its build's. */
  readonly number: number;
}

/** A runner that start-runner has registered itself, for a build that gets nothing but its identity. */
export class RegisteredRunner {
  readonly #context: StartContext;
  readonly #registration: Registration;
  #name: string;

  constructor(context: StartContext, registration: Registration) {
    this.#context = context;
    this.#registration = registration;
    this.#name = registration.name;
  }

  get labels(): readonly string[] {
    return this.#registration.labels;
  }

  get identity(): RunnerIdentity {
    return this.#registration.identity;
  }

  /** As Bitbucket has it, as far as that is known. */
  get name(): string {
    return this.#name;
  }

  /** Names it after its build, so that the next start can tell whether that has ended. Never rejects. */
  async nameAfter(buildId: string, signal: AbortSignal): Promise<void> {
    const { bitbucket, identity: { uuid }, labels, number } = this.#registration;
    const name = runnerName(buildId, number);
    try {
      await bitbucket.renameRunner({ uuid, name, labels }, { signal });
      this.#name = name;
    } catch (error) {
      if (!signal.aborted) this.#context.log.warning(`${messageOf(error)}; it keeps the name ${this.#name}`);
    }
  }

  /**
   * Resolves once it is or has been online by Bitbucket's word, since the agent tells that by its runner's words alone: one
   * that has served somebody's step by now may be gone again. Where Bitbucket cannot be asked, the agent's word counts.
   */
  async confirmOnline(signal: AbortSignal): Promise<void> {
    const { host, log } = this.#context;
    const look = async () => {
      const seen = await this.#registration.bitbucket.getRunner(this.identity.uuid, { signal });
      if (seen !== undefined) return seen.state.status !== "UNREGISTERED" || undefined;
      throw new RunnerError(`Bitbucket does not know the runner ${this.#name} any more`, {
        hint: "somebody has deleted it while it came up: run the step again",
      });
    };
    const intervalMs = (looks: number) => Math.min(CONFIRM_MS.first * 2 ** looks, CONFIRM_MS.longest);
    try {
      await waitFor(host, look, { timeoutMs: Infinity, intervalMs, signal });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      log.warning(`${error.message}; going by the agent's word that the runner is online`);
    }
  }

  /** Unregisters it; one with a step is left to a build that is not known to have ended. Never rejects. */
  async remove(build: "ended" | "stopping", patienceMs: number): Promise<void> {
    const { host, log } = this.#context;
    try {
      const removed = await within(host, patienceMs, (signal) => this.#removeUnlessBusy(build, signal));
      if (removed === undefined) throw new Error(`Bitbucket has taken longer than ${patienceMs / 1000} s`);
      log.info(removed ? `Removed runner ${this.#name}` : `Runner ${this.#name} has a step, and is left`);
    } catch (error) {
      log.warning(
        `Cannot remove runner ${this.#name}: ${messageOf(error)}; the next start in this project removes it`,
      );
    }
  }

  async #removeUnlessBusy(build: "ended" | "stopping", signal: AbortSignal): Promise<boolean> {
    const { uuid } = this.identity;
    if (
      build === "stopping" && (await this.#registration.bitbucket.getRunner(uuid, { signal }))?.state.step
    ) return false;
    await this.#registration.bitbucket.deleteRunner(uuid, { signal });
    return true;
  }
}
