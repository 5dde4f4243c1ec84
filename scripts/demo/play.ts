import type { Build } from "../local_cloud/build.ts";
import type { LocalCloud } from "../local_cloud/start_local_cloud.ts";
import type { Pipeline } from "../local_cloud/pipeline.ts";
import { processesOf } from "../local_cloud/process_tree.ts";
import { stepsOf } from "../local_cloud/pipeline.ts";
import type { Scenario } from "./scenario.ts";

/** What a play left behind; empty lists when it was clean. */
export interface Leftovers {
  readonly runners: readonly string[];
  readonly builds: readonly string[];
  readonly processes: readonly number[];
}

export interface Ending {
  readonly pipeline: Pipeline;
  readonly build: Build | undefined;
  readonly leftovers: Leftovers;
}

/** Plays a scenario to its end: the pipeline is over, and so is the build that it started. */
export async function play(cloud: LocalCloud, scenario: Scenario, yaml: string): Promise<Ending> {
  const pipeline = cloud.bitbucket.startPipeline(
    yaml,
    scenario.pipeline === undefined ? {} : { custom: scenario.pipeline },
  );
  if (scenario.stops) await stopDuringSelfHostedStep(cloud, pipeline);
  await cloud.bitbucket.scheduler.ended(pipeline.uuid);
  const [build] = cloud.codeBuild.builds;
  if (build !== undefined) await cloud.codeBuild.ended(build.id);
  return { pipeline, build, leftovers: leftoversOf(cloud, pipeline) };
}

async function stopDuringSelfHostedStep(cloud: LocalCloud, pipeline: Pipeline): Promise<void> {
  const begun = cloud.happenings.until("step output", { where: ({ line }) => line.startsWith("Testing") });
  await Promise.race([begun, cloud.bitbucket.scheduler.ended(pipeline.uuid)]);
  cloud.bitbucket.scheduler.stop(pipeline.uuid);
}

function leftoversOf(cloud: LocalCloud, pipeline: Pipeline): Leftovers {
  const containers = [
    ...cloud.codeBuild.builds.map((build) => build.uuid),
    ...stepsOf(pipeline).map((step) => step.uuid.replace(/[{}]/g, "")),
  ];
  return {
    runners: cloud.bitbucket.runners.all.map((runner) => runner.name),
    builds: cloud.codeBuild.running.map((build) => build.id),
    processes: containers.flatMap(processesOf),
  };
}
