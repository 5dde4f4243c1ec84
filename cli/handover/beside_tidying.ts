import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { within } from "../wait/deadline.ts";
import type { RegisteredRunner } from "./registered_runner.ts";

export interface Tidying extends StartContext {
  readonly runner: RegisteredRunner | undefined;
  /** Whether somebody else removes what dead builds have left. */
  readonly sweepsElsewhere?: boolean;
}

/** What the name may still take then, in milliseconds: the runner of a build found late is online at once, and the next start goes by names. */
const NAMING_MS = 3_000;

/**
 * Does something, and where no agent has access to Bitbucket does beside it what an agent would: names the runner after its
 * build, and removes what dead builds of the project left. The latter ends with what it is done beside.
 */
export async function besideTidying<T>(
  tidying: Tidying,
  build: KnownBuild,
  run: () => Promise<T>,
): Promise<T> {
  const { runner, signal } = tidying;
  if (runner === undefined) return await run();
  const over = new AbortController();
  const late = new AbortController();
  const tidied = runner.nameAfter(build.id, AbortSignal.any([signal, late.signal])).then(() =>
    tidying.sweepsElsewhere
      ? undefined
      : sweep({ ...tidying, runner, signal: AbortSignal.any([signal, over.signal]) })
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
  { session, host, log, config, runner, signal }: Tidying & { readonly runner: RegisteredRunner },
): Promise<void> {
  if (signal.aborted) return;
  const { beginSweep } = await import("../../shared/leftovers/sweep.ts");
  const begun = beginSweep({
    bitbucket: runner.bitbucket,
    project: config.project,
    isOwn: ({ uuid }) => uuid === runner.identity.uuid,
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
