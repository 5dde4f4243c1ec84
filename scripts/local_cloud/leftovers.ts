import { stepsOf } from "./pipelines/pipeline.ts";
import { processesOf } from "./machine/process_tree.ts";
import type { LocalCloud } from "./start_local_cloud.ts";
import { containerOf } from "./machine/cloud_step.ts";

/** What is still there although every pipeline is over: runners, builds and processes, in words. */
export function leftoversOf(cloud: LocalCloud): string[] {
  const containers = [
    ...cloud.codeBuild.builds.map((build) => build.uuid),
    ...cloud.bitbucket.scheduler.pipelines.flatMap(stepsOf).map(containerOf),
  ];
  return [
    ...cloud.bitbucket.runners.all.map((runner) => `runner ${runner.name} is registered`),
    ...cloud.codeBuild.running.map((build) => `build ${build.id} is running`),
    ...containers.flatMap(processesOf).map((pid) => `process ${pid} is running`),
  ];
}
