import type { RunCloudStep } from "../local_cloud/machine/cloud_step.ts";
import type { LocalRelease } from "../local_cloud/local_release.ts";
import { type LocalCloud, startLocalCloud } from "../local_cloud/start_local_cloud.ts";
import { stepVariables } from "../local_cloud/step_variables.ts";
import type { Figure } from "./report/figure.ts";

const LIMIT_S = 0.25;
const WARM_UPS = 2;
const PIPELINE = JSON.stringify({
  pipelines: { default: [{ step: { name: "Start runner", oidc: true, script: ["start-runner"] } }] },
});

/** Process start → StartBuild's arrival, for both forms of the programs. */
export async function startUpFigures(
  releases: { readonly source: LocalRelease; readonly bundled: LocalRelease },
  runs: number,
): Promise<Figure[]> {
  const how =
    "from the spawn of a step's start-runner to the arrival of its request at the local cloud, the call " +
    "of STS before it included; Deno's cache is warm";
  const name = "Process start → StartBuild sent";
  const source = await startUpTimes(releases.source.bin, runs);
  const bundled = await startUpTimes(releases.bundled.bin, runs);
  return [
    {
      name: `${name}, from source`,
      unit: "s",
      values: source,
      budget: { limit: LIMIT_S, judged: "p95" },
      how,
    },
    { name: `${name}, bundled`, unit: "s", values: bundled, budget: undefined, how },
  ];
}

/**
 * Seconds from the start of the `start-runner` in the folder `bin` to its StartBuild's arrival, once for each run. Each run is a
 * step of its own with all its variables; start-runner is killed as soon as its request is there, and the build ended.
 */
export async function startUpTimes(bin: string, runs: number): Promise<number[]> {
  const cloud = await startLocalCloud({ codeBuild: { provisioningMs: 60_000 } });
  try {
    const times: number[] = [];
    for (let run = 0; run < WARM_UPS + runs; run++) times.push(await startUpTime(cloud, bin));
    return times.slice(WARM_UPS);
  } finally {
    await cloud.close();
  }
}

async function startUpTime(cloud: LocalCloud, bin: string): Promise<number> {
  let seconds = NaN;
  const runCloudStep: RunCloudStep = async ({ env }) => {
    seconds = await untilStartBuild(cloud, `${bin}/start-runner`, env);
    return 0;
  };
  const variables = stepVariables(cloud, bin);
  const { uuid } = cloud.bitbucket.startPipeline(PIPELINE, { variables, runCloudStep });
  await cloud.bitbucket.scheduler.ended(uuid);
  if (Number.isNaN(seconds)) {
    throw new Error("Cannot time the start: start-runner ended without a StartBuild");
  }
  return seconds;
}

async function untilStartBuild(
  cloud: LocalCloud,
  program: string,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const arrived = Promise.withResolvers<number>();
  const stop = cloud.happenings.on((happening) => {
    if (happening.type !== "build started") return;
    arrived.resolve(performance.now());
    cloud.codeBuild.end(happening.buildId, "STOPPED");
  });
  const begun = performance.now();
  const child = new Deno.Command(program, {
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const at = await Promise.race([arrived.promise, child.status.then(() => NaN)]);
  stop();
  if (!Number.isNaN(at)) child.kill("SIGKILL");
  await child.status;
  return (at - begun) / 1000;
}
