import { removeLeftovers } from "../../shared/leftovers/leftovers.ts";
import { projectOf, runnerName } from "../../shared/leftovers/runner_name.ts";
import { endedBuilds } from "./ended_builds.ts";
import type { PhaseDeps } from "./phase.ts";

/** The removal of what dead builds of the project left, on its way beside the phase. */
export interface Sweep {
  /**
   * Gives it so many milliseconds more, then breaks it off; whether some are left that another look may remove. Never
   * rejects.
   */
  end(graceMs: number): Promise<boolean>;
}

/** Begins to remove leftovers: those of which CodeBuild knows that their builds have ended, or those told by age too. */
export function beginSweep(deps: PhaseDeps, uncertain: "leave" | "look twice" = "leave"): Sweep {
  const breakOff = new AbortController();
  const signal = AbortSignal.any([deps.signal, breakOff.signal]);
  const swept = sweep({ ...deps, signal }, uncertain);
  return {
    async end(graceMs) {
      const over = new AbortController();
      const late = deps.host.sleep(graceMs, over.signal).then(() => breakOff.abort(), () => {});
      const doubtful = await swept;
      over.abort();
      await late;
      return doubtful;
    },
  };
}

/** Removes all leftovers that can be told, those known by their age alone too, which takes a second look later on. */
export async function sweepThoroughly(deps: PhaseDeps): Promise<void> {
  await sweep(deps, "look twice");
}

/** Whether some are left. Never the reason for a failure: what it misses, the next build finds. */
async function sweep(deps: PhaseDeps, uncertain: "leave" | "look twice"): Promise<boolean> {
  const { bitbucket, config, host, log, signal } = deps;
  try {
    const { kept } = await removeLeftovers({
      bitbucket,
      project: projectOf(config.buildId),
      ownRunnerName: runnerName(config.buildId),
      buildsEnded: endedBuilds(host, config.apiTimeoutS * 1000),
      uncertain,
      host,
      log,
      signal,
    });
    return kept.length > 0;
  } catch (error) {
    const reason = signal.aborted ? "there was no time" : error instanceof Error ? error.message : error;
    log.warning(`Leftovers of earlier builds were not all removed: ${reason}`);
    return true;
  }
}
