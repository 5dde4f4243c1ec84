import { messageOf } from "../../shared/program/errors.ts";
import { waitFor } from "../../shared/program/wait.ts";
import type { Lifecycle } from "../life/lifecycle_state.ts";
import type { PhaseDeps } from "./phase.ts";

/** start-runner looks at its build every two seconds, and up to thirty seconds apart while it is throttled. */
const LOOK_MS = 2_000;
const PATIENCE_MS = 35_000;

export interface LauncherWait extends Pick<PhaseDeps, "host" | "log" | "bitbucket" | "signal"> {
  readonly config: Pick<PhaseDeps["config"], "launcherStep" | "pipelineUuid">;
}

/**
 * Keeps the build going until the step that started it is over, for half a minute at most, when the runner has
 * served nothing but other pipelines' steps: they may have come and gone before start-runner had a look, and a build
 * that is over by then would count as one whose runner never came up. Where Bitbucket is not asked, that is told by
 * the time since the phase began, at `begunMs`. Never fails.
 */
export async function awaitLauncher(
  { host, log, bitbucket, config, signal }: LauncherWait,
  { served, settings }: Pick<Lifecycle, "served" | "settings">,
  begunMs: number,
): Promise<void> {
  const { launcherStep, pipelineUuid } = config;
  if (launcherStep === undefined || served.length === 0) return;
  if (served.some((step) => step.pipelineUuid === pipelineUuid)) return;
  try {
    if (settings.bitbucket === "never") {
      return await host.sleep(Math.max(0, begunMs + PATIENCE_MS - host.monotonicMs()), signal);
    }
    await waitFor(host, async () => {
      const steps = await bitbucket.listSteps(pipelineUuid, { signal });
      const launcher = steps.find((step) => step.uuid === launcherStep);
      return launcher?.state.name === "IN_PROGRESS" ? undefined : true;
    }, { timeoutMs: PATIENCE_MS, intervalMs: () => LOOK_MS, signal });
  } catch (error) {
    if (!signal.aborted) log.warning(messageOf(error));
  }
}
