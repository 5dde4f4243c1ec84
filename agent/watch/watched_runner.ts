import type { AskedRunner } from "../ask/ask_bitbucket.ts";
import type { RunnerEvent } from "../life/runner_log.ts";
import type { RunnerControl } from "../runner/runner.ts";
import type { RunnerOutput } from "./runner_output.ts";

/** A registered runner with all that is needed to watch it and to make it go. */
export interface WatchedRunner extends AskedRunner {
  /** Of Atlassian's runner, as far as it is known: a version, or an image. */
  readonly version: string;
  readonly control: RunnerControl;
  readonly output: RunnerOutput;
  /** What it had running when it came online, which is part of itself. */
  readonly baseline: readonly string[];
  /** What an earlier phase has heard of it that still matters. */
  readonly heard?: readonly RunnerEvent[] | undefined;
}
