import { messageOf } from "../../shared/program/errors.ts";
import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import { isRunnerOf, runnerName } from "../../shared/leftovers/runner_name.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { type BitbucketAccess, connectBitbucket } from "../handover/connect.ts";
import type { RegisteredRunners } from "../handover/registered_runners.ts";
import { within } from "../wait/deadline.ts";

/** A build that has ended or is ending, so that its runners are of no use. */
export interface GoneBuild {
  readonly id: string;
  /** A runner with a step is left to a build that is not known to have ended. */
  readonly is: "ended" | "stopping";
  /** Where start-runner has registered them itself. */
  readonly runners: RegisteredRunners | undefined;
}

export interface RunnerRemoval extends Pick<StartContext, "host" | "log"> {
  readonly config: BitbucketAccess & Pick<StartContext["config"], "credentials">;
  /** Longest time in milliseconds it may take in all. */
  readonly patienceMs: number;
}

/** A runner whose registration was under way when its build died shows up within this many milliseconds. */
const LATE_REGISTRATION_MS = 2_000;

/**
 * Removes the runners of builds that have ended or are ending. It is not what the program is for, so failures are
 * reported and never end it; and without Bitbucket credentials they are left to the next agent.
 */
export async function removeRunners(removal: RunnerRemoval, builds: readonly GoneBuild[]): Promise<void> {
  const { patienceMs } = removal;
  await Promise.all([
    ...builds.map(({ runners, is }) => runners?.remove(is, patienceMs)),
    removeOfAgents(removal, builds.filter(({ runners }) => runners === undefined)),
  ]);
}

/** Of these nothing but the name is known, so one list of all runners serves for all. */
async function removeOfAgents(removal: RunnerRemoval, builds: readonly GoneBuild[]): Promise<void> {
  const { host, log, config, patienceMs } = removal;
  if (builds.length === 0) return;
  if (config.credentials === undefined) {
    for (const { id } of builds) {
      log.info(
        `If runner ${runnerName(id)} is registered, the next agent of this project removes it: ` +
          "start-runner has no Bitbucket credentials",
      );
    }
    return;
  }
  const bitbucket = await connectBitbucket(removal, config.credentials);
  try {
    const removed = await within(host, patienceMs, async (signal) => {
      await lookTwice(removal, builds, { bitbucket, signal });
      return true;
    });
    if (removed === undefined) throw new Error(`Bitbucket has taken longer than ${patienceMs / 1000} s`);
  } catch (error) {
    const names = builds.map(({ id }) => runnerName(id)).join(", ");
    const [noun, it] = builds.length === 1 ? ["runner", "it"] : ["runners", "them"];
    log.warning(
      `Cannot remove ${noun} ${names}: ${messageOf(error)}; the next agent of this project removes ${it}`,
    );
  }
  log.detail(`Bitbucket requests: ${bitbucket.requests}`, { requests: bitbucket.requests });
}

interface Look {
  readonly bitbucket: Bitbucket;
  readonly signal: AbortSignal;
}

/** Looks again for those that are not there, as their registration may have been under way. */
async function lookTwice(removal: RunnerRemoval, builds: readonly GoneBuild[], look: Look): Promise<void> {
  const missing = await removeNamed(removal, builds, look);
  if (missing.length === 0) return;
  await removal.host.sleep(LATE_REGISTRATION_MS, look.signal);
  for (const { id } of await removeNamed(removal, missing, look)) {
    removal.log.detail(`Runner ${runnerName(id)} is not registered`);
  }
}

/** Answers with the builds of which there is no runner. */
async function removeNamed(
  { log }: RunnerRemoval,
  builds: readonly GoneBuild[],
  { bitbucket, signal }: Look,
): Promise<GoneBuild[]> {
  const listed = await bitbucket.listRunners({ signal });
  const missing: GoneBuild[] = [];
  for (const build of builds) {
    const runners = listed.filter(({ name }) => isRunnerOf(name, build.id));
    if (runners.length === 0) missing.push(build);
    for (const { uuid, name, state } of runners) {
      if (build.is === "stopping" && state.step) continue;
      await bitbucket.deleteRunner(uuid, { signal });
      log.info(`Removed runner ${name}`);
    }
  }
  return missing;
}
