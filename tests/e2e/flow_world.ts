import { type LocalRelease, makeLocalRelease } from "../../scripts/local_cloud/local_release.ts";
import type { Pipeline } from "../../scripts/local_cloud/pipeline.ts";
import {
  type LocalCloud,
  type LocalCloudOptions,
  startLocalCloud,
} from "../../scripts/local_cloud/start_local_cloud.ts";
import { type FlowPlan, launcherOf, startFlow } from "../../scripts/soak/flow.ts";

/** A local cloud with a release of this checkout, ready to run flows. */
export interface FlowWorld {
  readonly cloud: LocalCloud;
  start(plan: FlowPlan): Pipeline;
}

/** Runs a test's body with a local cloud of its own, which is gone afterwards. */
export async function withFlowWorld(
  options: Omit<LocalCloudOptions, "releaseFolder">,
  body: (world: FlowWorld) => Promise<void>,
): Promise<void> {
  const { folder, bin } = await sharedRelease();
  const cloud = await startLocalCloud({ ...options, releaseFolder: folder });
  try {
    await body({ cloud, start: (plan) => startFlow(cloud, bin, plan) });
  } finally {
    await cloud.close();
  }
}

/** All that a flow printed, for the message of a test that failed. */
export function flowLog(cloud: LocalCloud, pipeline: Pipeline): string {
  const builds = cloud.codeBuild.builds.map((build) =>
    build.log.events.map(({ message }) => message).join("")
  );
  const requests = cloud.requests.all.map(({ call, status, fault }) =>
    `${call} ${status}${fault === undefined ? "" : ` («${fault}»)`}`
  );
  return [...launcherOf(pipeline).output, ...builds, requests.join(", ")].join("\n");
}

/** Runs all, so many at a time, and fails with every failure there was. */
export async function sideBySide<T>(
  most: number,
  items: readonly T[],
  run: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const failures: unknown[] = [];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await run(item).catch((error) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join("\n\n"));
}

let made: Promise<LocalRelease> | undefined;

/** Made once for all tests of a file, and removed when they are over. */
function sharedRelease(): Promise<LocalRelease> {
  return made ??= makeSharedRelease();
}

async function makeSharedRelease(): Promise<LocalRelease> {
  const folder = await Deno.makeTempDir({ prefix: "aws-bitbucket-runner-e2e-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return await makeLocalRelease(folder, ["shell"]);
}
