import assert from "node:assert/strict";
import { type LocalRelease, makeLocalRelease } from "../../scripts/local_cloud/local_release.ts";
import type { Pipeline } from "../../scripts/local_cloud/pipelines/pipeline.ts";
import {
  type LocalCloud,
  type LocalCloudOptions,
  startLocalCloud,
} from "../../scripts/local_cloud/start_local_cloud.ts";
import { flowEnded, type FlowPlan, startFlow } from "../../scripts/soak/flow.ts";
import { flowLog } from "../../scripts/soak/flow_log.ts";
import { eventually } from "../fixtures/eventually.ts";

/** A local cloud with a release of this checkout, ready to run flows. */
export interface FlowWorld {
  readonly cloud: LocalCloud;
  /** The folder that holds `start-runner`. */
  readonly bin: string;
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
    await body({ cloud, bin, start: (plan) => startFlow(cloud, bin, plan) });
  } finally {
    await cloud.close();
  }
}

/** What the installer in a build needs, and what the agent looks for there. */
export const NEEDED_TOOLS = ["curl", "tar", "gzip", "sha256sum", "git", "bash", "setsid"];

/** Runs the project's next build and holds it to it that nothing of the builds before is left. */
export async function runNextBuild(
  { cloud, start }: Pick<FlowWorld, "cloud" | "start">,
  kept: readonly string[] = [],
): Promise<void> {
  const { bitbucket } = cloud;
  cloud.faults.clear();
  bitbucket.settings.runnerFault = "none";
  await eventually("runners without a machine are OFFLINE", () => {
    const dead = bitbucket.runners.all.filter(({ uuid }) => !kept.includes(uuid));
    return dead.every(({ connection }) => connection !== "ONLINE") || undefined;
  });
  const next = start({ steps: ["true"] });
  await flowEnded(cloud, next);
  const log = flowLog(cloud, next);
  assert.equal(next.result, "SUCCESSFUL", log);
  assert.deepEqual(bitbucket.runners.all.map(({ uuid }) => uuid), kept, log);
}

/** Runs all, so many at a time, and fails with every failure there was. */
export async function sideBySide<T>(
  items: readonly T[],
  run: (item: T) => Promise<void>,
  most = 8,
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
