import assert from "node:assert/strict";
import { leftoversOf } from "../../../scripts/local_cloud/leftovers.ts";
import type { Pipeline } from "../../../scripts/local_cloud/pipelines/pipeline.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { buildsOf } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { needing } from "../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { type FlowWorld, NEEDED_TOOLS, withFlowWorld } from "../flow_world.ts";

/** A step that is over when so many are at work at the same time. */
export function meeting(folder: string, count: number, then = "true"): string {
  return `echo at work; touch ${folder}/$BITBUCKET_STEP_UUID; ` +
    `while [ $(ls ${folder} | wc -l) -lt ${count} ]; do sleep 0.1; done; ${then}`;
}

/** A local cloud, and a folder that the steps of its pipelines meet in. */
export async function inWorld(
  options: Parameters<typeof withFlowWorld>[0],
  body: (world: FlowWorld, folder: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder((folder) => withFlowWorld(options, (world) => body(world, folder)));
}

/** Everything went well, and nothing is left. */
export function assertServed(cloud: LocalCloud, pipeline: Pipeline): string {
  const log = flowLog(cloud, pipeline);
  assert.equal(pipeline.result, "SUCCESSFUL", log);
  assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["SUCCEEDED"], log);
  assertNothingLost(cloud, log);
  return log;
}

/** No step was cut off, and nothing is left. */
export function assertNothingLost(cloud: LocalCloud, log: string): void {
  assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
  assert.deepEqual(leftoversOf(cloud), [], log);
}

/** A test of whole flows. */
export function flowTest(name: string, body: () => Promise<void>): void {
  Deno.test({ ...needing(NEEDED_TOOLS, name), fn: body });
}
