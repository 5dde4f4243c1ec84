import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import type { StartContext } from "../aws/aws_session.ts";
import type { RegisteredRunner } from "./registered_runner.ts";

export interface Tidying extends StartContext {
  readonly runner: RegisteredRunner | undefined;
}

/**
 * Does something, and where no agent has access to Bitbucket does beside it what an agent would: names the runner after its
 * build, and removes what dead builds of the project left. That ends with what it is done beside.
 */
export async function besideTidying<T>(
  tidying: Tidying,
  build: KnownBuild,
  run: () => Promise<T>,
): Promise<T> {
  const { runner, signal } = tidying;
  if (runner === undefined) return await run();
  const over = new AbortController();
  const tidied = tidyUp({ ...tidying, runner, signal: AbortSignal.any([signal, over.signal]) }, build);
  try {
    return await run();
  } finally {
    over.abort();
    await tidied;
  }
}

async function tidyUp(
  { session, host, log, config, runner, signal }: Tidying & { readonly runner: RegisteredRunner },
  build: KnownBuild,
): Promise<void> {
  await runner.nameAfter(build.id, signal);
  const { beginSweep } = await import("../../shared/leftovers/sweep.ts");
  const sweep = beginSweep({
    bitbucket: runner.bitbucket,
    project: config.project,
    ownRunnerName: runner.name,
    buildsEnded: async (ids, signal) => {
      const builds = await session.call((codebuild) => codebuild.getBuilds(ids, signal), signal);
      return new Map(builds.map((one) => [one.id, hasEnded(one)]));
    },
    uncertain: "look twice",
    host,
    log,
    signal,
  });
  await sweep.done;
}
