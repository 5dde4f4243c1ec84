import type { LeftoverRemoval } from "../../shared/leftovers/leftovers.ts";
import { isRunnerOf, projectOf } from "../../shared/leftovers/runner_name.ts";
import { beginSweep as begin, type Sweep } from "../../shared/leftovers/sweep.ts";
import { endedBuilds } from "./ended_builds.ts";
import type { PhaseDeps } from "./phase.ts";

/**
 * Begins to remove what dead builds of the project left: of which CodeBuild knows that their builds have ended, or those told
 * by age too. A build without access to Bitbucket leaves that to those who have it.
 */
export function beginSweep(deps: PhaseDeps, uncertain: "leave" | "look twice" = "leave"): Sweep {
  return deps.config.identity === undefined ? begin(removal(deps, uncertain)) : NOTHING_TO_SWEEP;
}

const NOTHING_TO_SWEEP: Sweep = { end: () => Promise.resolve(false), done: Promise.resolve() };

function removal(
  { bitbucket, config, host, log, signal }: PhaseDeps,
  uncertain: LeftoverRemoval["uncertain"],
) {
  return {
    bitbucket,
    project: projectOf(config.buildId),
    isOwn: ({ name }: { readonly name: string }) => isRunnerOf(name, config.buildId),
    buildsEnded: endedBuilds(host, config.apiTimeoutS * 1000),
    uncertain,
    host,
    log,
    signal,
  };
}
