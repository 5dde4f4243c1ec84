import type { Build } from "../local_cloud/codebuild/build.ts";
import type { Pipeline } from "../local_cloud/pipelines/pipeline.ts";
import type { LocalCloud } from "../local_cloud/start_local_cloud.ts";
import { leftoversOf } from "../local_cloud/leftovers.ts";
import type { Scenario } from "./scenario.ts";

export interface Ending {
  readonly pipeline: Pipeline;
  readonly build: Build | undefined;
  /** What the play left behind, in words; empty when it was clean. */
  readonly leftovers: readonly string[];
}

/** Plays a scenario to its end: the pipeline is over, and so is the build that it started. */
export async function play(cloud: LocalCloud, scenario: Scenario, yaml: string): Promise<Ending> {
  const custom = scenario.pipeline === undefined ? {} : { custom: scenario.pipeline };
  const pipeline = cloud.bitbucket.startPipeline(yaml, custom);
  if (scenario.stops) await stopDuringSelfHostedStep(cloud, pipeline);
  await cloud.bitbucket.scheduler.ended(pipeline.uuid);
  const [build] = cloud.codeBuild.builds;
  if (build !== undefined) await cloud.codeBuild.ended(build.id);
  return { pipeline, build, leftovers: leftoversOf(cloud) };
}

async function stopDuringSelfHostedStep(cloud: LocalCloud, pipeline: Pipeline): Promise<void> {
  const begun = cloud.happenings.until("step output", { where: ({ line }) => line.startsWith("Testing") });
  await Promise.race([begun, cloud.bitbucket.scheduler.ended(pipeline.uuid)]);
  cloud.bitbucket.scheduler.stop(pipeline.uuid);
}
