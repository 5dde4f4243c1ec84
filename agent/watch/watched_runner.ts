import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import type { RunnerControl } from "../runner/runner.ts";
import type { RunnerOutput } from "./runner_output.ts";

/** A registered runner with all that is needed to watch it and to make it go. */
export interface WatchedRunner {
  readonly uuid: string;
  readonly name: string;
  readonly labels: readonly string[];
  /** Of Atlassian's runner, as far as it is known: a version, or an image. */
  readonly version: string;
  readonly bitbucket: Bitbucket;
  readonly control: RunnerControl;
  readonly output: RunnerOutput;
  /** What it had running when it came online, which is part of itself. */
  readonly baseline: readonly string[];
  readonly launcherStep: string | undefined;
}
