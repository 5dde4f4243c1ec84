import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { within } from "../wait/deadline.ts";
import type { RegisteredRunners } from "./registered_runners.ts";

export interface Tidying extends StartContext {
  readonly runners: RegisteredRunners | undefined;
  /** Whether somebody else removes what dead builds have left. */
  readonly sweepsElsewhere?: boolean;
}

/** What the names may still take then, in milliseconds: the runners of a build found late are online at once, and the next start goes by names. */
const NAMING_MS = 3_000;

/**
 * Does something, and where no agent has access to Bitbucket does beside it what an agent would: names the runners after their
 * build, and removes what dead builds of the project left. The latter ends with what it is done beside.
 */
export async function besideTidying<T>(
  tidying: Tidying,
  build: KnownBuild,
  run: () => Promise<T>,
): Promise<T> {
  const { runners, signal } = tidying;
  if (runners === undefined) return await run();
  const over = new AbortController();
  const late = new AbortController();
  const tidied = runners.nameAfter(build.id, AbortSignal.any([signal, late.signal])).then(() =>
    tidying.sweepsElsewhere
      ? undefined
      : sweep({ ...tidying, runners, signal: AbortSignal.any([signal, over.signal]) })
  );
  try {
    return await run();
  } finally {
    over.abort();
    await within(tidying.host, NAMING_MS, (grace) => {
      grace.addEventListener("abort", () => late.abort());
      return tidied;
    });
  }
}

async function sweep(
  { session, host, log, config, runners, signal }: Tidying & { readonly runners: RegisteredRunners },
): Promise<void> {
  if (signal.aborted) return;
  const { beginSweep } = await import("../../shared/leftovers/sweep.ts");
  const begun = beginSweep({
    bitbucket: runners.bitbucket,
    project: config.project,
    isOwn: ({ uuid }) => runners.identities.some((own) => own.uuid === uuid),
    buildsEnded: async (ids, signal) => {
      const builds = await session.call((codebuild) => codebuild.getBuilds(ids, signal), signal);
      return new Map(builds.map((one) => [one.id, hasEnded(one)]));
    },
    uncertain: "look twice",
    host,
    log,
    signal,
  });
  await begun.done;
}
