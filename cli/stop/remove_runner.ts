import { messageOf } from "../../shared/program/errors.ts";
import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import { isRunnerOf, runnerName } from "../../shared/leftovers/runner_name.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { type BitbucketAccess, connectBitbucket } from "../handover/connect.ts";
import type { RegisteredRunners } from "../handover/registered_runners.ts";
import { within } from "../wait/deadline.ts";

export interface RunnerRemoval extends Pick<StartContext, "host" | "log"> {
  readonly config: BitbucketAccess & Pick<StartContext["config"], "credentials">;
  /** A runner with a step is left to a build that is not known to have ended. */
  readonly build: "ended" | "stopping";
  /** Where start-runner has registered them itself. */
  readonly runners: RegisteredRunners | undefined;
  /** Longest time in milliseconds it may take in all. */
  readonly patienceMs: number;
}

/** A runner whose registration was under way when its build died shows up within this many milliseconds. */
const LATE_REGISTRATION_MS = 2_000;

/**
 * Removes the runner of a build that has ended or is ending. It is not what the program is for, so failures are
 * reported and never end it; and without Bitbucket credentials it is left to the next agent.
 */
export async function removeRunner(removal: RunnerRemoval, buildId: string): Promise<void> {
  const { host, log, config, patienceMs } = removal;
  if (removal.runners !== undefined) return await removal.runners.remove(removal.build, patienceMs);
  const name = runnerName(buildId);
  if (config.credentials === undefined) {
    log.info(
      `If runner ${name} is registered, the next agent of this project removes it: ` +
        "start-runner has no Bitbucket credentials",
    );
    return;
  }
  const bitbucket = await connectBitbucket(removal, config.credentials);
  try {
    const look = (signal: AbortSignal) => lookTwice(removal, { bitbucket, buildId, signal });
    const removed = await within(host, patienceMs, look);
    if (removed === undefined) throw new Error(`Bitbucket has taken longer than ${patienceMs / 1000} s`);
  } catch (error) {
    const why = messageOf(error);
    log.warning(`Cannot remove runner ${name}: ${why}; the next agent of this project removes it`);
  }
  log.detail(`Bitbucket requests: ${bitbucket.requests}`, { requests: bitbucket.requests });
}

interface Target {
  readonly bitbucket: Bitbucket;
  readonly buildId: string;
  readonly signal: AbortSignal;
}

/** Looks again if there is no such runner, as its registration may have been under way; tells how many there were. */
async function lookTwice(removal: RunnerRemoval, target: Target): Promise<number> {
  const found = await removeNamed(removal, target);
  if (found > 0) return found;
  await removal.host.sleep(LATE_REGISTRATION_MS, target.signal);
  const late = await removeNamed(removal, target);
  if (late === 0) removal.log.detail(`Runner ${runnerName(target.buildId)} is not registered`);
  return late;
}

async function removeNamed(
  { log, build }: RunnerRemoval,
  { bitbucket, buildId, signal }: Target,
): Promise<number> {
  const listed = await bitbucket.listRunners({ signal });
  const runners = listed.filter(({ name }) => isRunnerOf(name, buildId));
  for (const { uuid, name, state } of runners) {
    if (build === "stopping" && state.step) continue;
    await bitbucket.deleteRunner(uuid, { signal });
    log.info(`Removed runner ${name}`);
  }
  return runners.length;
}
