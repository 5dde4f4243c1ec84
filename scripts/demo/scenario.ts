import type { BuildStatus } from "../local_cloud/codebuild/build.ts";

/** One of the demo's plays, and how it is to end. */
export interface Scenario {
  /** The custom pipeline of the sample file; the default one when undefined. */
  readonly pipeline: string | undefined;
  readonly story: string;
  /** Whether somebody stops the pipeline while its self-hosted step runs. */
  readonly stops: boolean;
  readonly pipelineResult: string;
  readonly buildStatus: BuildStatus;
}

export const SCENARIOS = {
  "one-step": {
    pipeline: undefined,
    story:
      "A pipeline's first step starts a runner in CodeBuild, which serves the second step and disappears.",
    stops: false,
    pipelineResult: "SUCCESSFUL",
    buildStatus: "SUCCEEDED",
  },
  "multi-step": {
    pipeline: "multi-step",
    story: "One runner serves two steps in a row, and stays until the pipeline is over.",
    stops: false,
    pipelineResult: "SUCCESSFUL",
    buildStatus: "SUCCEEDED",
  },
  "fail-step": {
    pipeline: "fail-step",
    story: "The self-hosted step fails; the runner is removed all the same, and the build fails too.",
    stops: false,
    pipelineResult: "FAILED",
    buildStatus: "FAILED",
  },
  "stop-pipeline": {
    pipeline: "stop-pipeline",
    story:
      "Somebody stops the pipeline while the self-hosted step runs; nothing is left behind, and the build has not failed.",
    stops: true,
    pipelineResult: "STOPPED",
    buildStatus: "SUCCEEDED",
  },
} as const satisfies Record<string, Scenario>;
