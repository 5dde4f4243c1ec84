import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import type { BuildFacts } from "../progress/start_record.ts";

export interface OnlineRunner {
  readonly runner: string;
  /** All of its build, that one first. */
  readonly runners: readonly string[];
  readonly build: string;
  /** Undefined where nothing tells them beforehand. */
  readonly labels: readonly string[] | undefined;
  /** All of them, where several machines were asked for: those above are the first one's. */
  readonly builds?: readonly BuildFacts[];
}

/** What came of a start, and of the build whose runner was the last to be online. */
export interface Started {
  readonly online: OnlineRunner;
  readonly last: KnownBuild;
  /** How long that build's StartBuild has taken, in milliseconds. */
  readonly startBuildMs: number;
}
