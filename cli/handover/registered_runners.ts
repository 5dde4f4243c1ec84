import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import { ApiError } from "../../shared/program/errors.ts";
import type { RunnerIdentity } from "../../shared/settings/runner_identity.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { MOST_REGISTERED } from "../facts/runner_limits.ts";
import { fewAtATime } from "./few_at_a_time.ts";
import { type RegisteredRunner, registerRunner } from "./registered_runner.ts";

/** For runners that are of no use, in milliseconds. */
const REMOVAL_MS = 10_000;

/**
 * Registers as many runners as the build that is about to be started hosts. Rejects as Bitbucket does, once those that were
 * registered by then are removed again.
 */
export async function registerRunners(
  context: StartContext,
  bitbucket: Bitbucket,
): Promise<RegisteredRunners> {
  const { config: { runners: count = 1 }, host, log, signal } = context;
  const runners: RegisteredRunner[] = [];
  try {
    await fewAtATime(Array.from({ length: count }, (_, index) => index + 1), async (number) => {
      runners[number - 1] = await registerRunner(context, bitbucket, number);
    });
  } catch (error) {
    const there = runners.filter(Boolean);
    const failure = count > 1
      ? await counted(error, { registered: there.length, count, bitbucket, signal })
      : error;
    await new RegisteredRunners({ host, bitbucket }, there).remove("ended", REMOVAL_MS);
    throw failure;
  }
  if (count > 1) {
    const labels = runners[0]?.labels.join(", ");
    log.info(`Registered ${count} runners with labels ${labels}`, {
      runners: runners.map(({ name }) => name),
    });
  }
  return new RegisteredRunners({ host, bitbucket }, runners);
}

/** The runners of a build that gets nothing but their identities. */
export class RegisteredRunners {
  readonly bitbucket: Bitbucket;
  readonly #host: StartContext["host"];
  readonly #runners: readonly RegisteredRunner[];

  constructor(
    { host, bitbucket }: { readonly host: StartContext["host"]; readonly bitbucket: Bitbucket },
    runners: readonly RegisteredRunner[],
  ) {
    this.bitbucket = bitbucket;
    this.#host = host;
    this.#runners = runners;
  }

  get identities(): readonly RunnerIdentity[] {
    return this.#runners.map(({ identity }) => identity);
  }

  /** Names each after its build. Never rejects. */
  async nameAfter(buildId: string, signal: AbortSignal): Promise<void> {
    await fewAtATime(this.#runners, (runner) => runner.nameAfter(buildId, signal));
  }

  /** Resolves once all are or have been online, by Bitbucket's word or, where that cannot be asked, by the agent's. */
  async confirmOnline(signal: AbortSignal): Promise<void> {
    await fewAtATime(
      this.#runners,
      (runner, failed) => runner.confirmOnline(AbortSignal.any([signal, failed])),
    );
  }

  /** Unregisters them within so many milliseconds; those with a step are left to a build that is not known to have ended. Never rejects. */
  async remove(build: "ended" | "stopping", patienceMs: number): Promise<void> {
    const deadlineMs = this.#host.monotonicMs() + patienceMs;
    const leftMs = () => Math.max(deadlineMs - this.#host.monotonicMs(), 0);
    await fewAtATime(this.#runners, (runner) => runner.remove(build, leftMs()));
  }
}

/** Bitbucket answers 400 where there is no room for another, in words that are not documented: so it is said how many there are. */
async function counted(
  error: unknown,
  { registered, count, bitbucket, signal }: {
    readonly registered: number;
    readonly count: number;
    readonly bitbucket: Bitbucket;
    readonly signal: AbortSignal;
  },
): Promise<unknown> {
  if (!(error instanceof ApiError) || error.status !== 400) return error;
  const listed = await bitbucket.listRunners({ signal }).catch(() => undefined);
  const all = listed === undefined
    ? ""
    : `; the repository has ${listed.length} of at most ${MOST_REGISTERED} runners by now`;
  const message = `${error.message}, with ${registered} of ${count} runners registered${all}`;
  const { call, status, hint } = error;
  return new ApiError(message, { call, status }, { hint, cause: error });
}
