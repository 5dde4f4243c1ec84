import type { BuildEnding } from "../local_cloud/codebuild/build_executor.ts";
import type { Build } from "../local_cloud/codebuild/build.ts";
import type { Pipeline } from "../local_cloud/pipelines/pipeline.ts";
import type { LocalCloud } from "../local_cloud/start_local_cloud.ts";
import { containerOf } from "../local_cloud/machine/cloud_step.ts";
import { buildsOf, launcherOf } from "./flow.ts";
import { type ProgramName, signalProgram } from "./program_processes.ts";
import type { Interruption } from "./round_plan.ts";

const PHASES: readonly ProgramName[] = ["agent pre_build", "agent build", "agent post_build"];

/** Does it; false where there is nothing (any more) that it could be done to. */
export function interrupt(cloud: LocalCloud, pipeline: Pipeline, kind: Interruption): boolean {
  if (pipeline.result !== undefined) return false;
  const step = containerOf(launcherOf(pipeline));
  const [build] = buildsOf(cloud, pipeline);
  switch (kind) {
    case "start-runner gets SIGINT":
      return signalProgram(step, "start-runner", "SIGINT");
    case "start-runner gets SIGTERM":
      return signalProgram(step, "start-runner", "SIGTERM");
    case "start-runner gets SIGKILL":
      return signalProgram(step, "start-runner", "SIGKILL");
    case "agent gets SIGTERM":
      return signalAgent(build, "SIGTERM");
    case "agent gets SIGKILL":
      return signalAgent(build, "SIGKILL");
    case "runner gets SIGKILL":
      return build !== undefined && signalProgram(build.uuid, "runner", "SIGKILL");
    case "pipeline is stopped":
      return cloud.bitbucket.scheduler.stop(pipeline.uuid);
    case "build is stopped":
      return endBuild(cloud, build, "STOPPED");
    case "build times out":
      return endBuild(cloud, build, "TIMED_OUT");
    case "container vanishes":
      return endBuild(cloud, build, "FAULT");
  }
}

function signalAgent(build: Build | undefined, signal: Deno.Signal): boolean {
  return build !== undefined && PHASES.some((phase) => signalProgram(build.uuid, phase, signal));
}

function endBuild(cloud: LocalCloud, build: Build | undefined, ending: BuildEnding): boolean {
  if (build === undefined || build.complete) return false;
  cloud.codeBuild.end(build.id, ending);
  return true;
}
