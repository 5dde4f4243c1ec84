import type { LaunchedRunner, RunnerLaunch } from "./runner.ts";

/** A runner for which all is there but its registration. */
export interface PreparedRunner {
  /**
   * Launches it so that it outlives the program, and returns what `attachRunner()` needs in a later phase. Rejects with
   * RunnerError when it cannot be launched; nothing of it runs then.
   */
  launch(launch: RunnerLaunch): Promise<LaunchedRunner>;
}
