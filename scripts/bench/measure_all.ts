import { type AgentExtent, agentFigures } from "./agent_figures.ts";
import { makeLocalRelease } from "../local_cloud/local_release.ts";
import { makeFastRelease } from "./fast_release.ts";
import type { Figure } from "./report/figure.ts";
import { timeFigures } from "./flow_times.ts";
import { memoryFigures } from "./memory_peaks.ts";
import { type RequestExtent, requestFigures } from "./request_counts.ts";
import { sharedFigures } from "./shared_credential.ts";
import { startUpFigures } from "./start_up.ts";

/** How much is measured. */
export interface Extent extends RequestExtent, AgentExtent {
  readonly flows: number;
  readonly multiStepFlows: number;
  readonly startUps: number;
  readonly memoryFlows: number;
  /** That share one credential. */
  readonly builds: number;
}

/** Enough for percentiles; takes some eleven minutes on two cores. */
export const FULL: Extent = {
  flows: 12,
  multiStepFlows: 5,
  startUps: 20,
  memoryFlows: 4,
  minuteSteps: 60,
  haste: 1,
  builds: 50,
  quietS: 60,
  several: [4, 16],
  severalS: 30,
};

/** One of each. */
export const QUICK: Extent = {
  flows: 1,
  multiStepFlows: 1,
  startUps: 1,
  memoryFlows: 2,
  minuteSteps: 2,
  haste: 20,
  builds: 2,
  quietS: 20,
  several: [2],
  severalS: 5,
};

/** Measures everything, one after another, so that nothing disturbs what is timed. `say` is told what goes on. */
export async function measureAll(extent: Extent, say: (line: string) => void): Promise<Figure[]> {
  const folder = await Deno.makeTempDir({ prefix: "bench-" });
  const below = async (name: string) => {
    await Deno.mkdir(`${folder}/${name}`);
    return `${folder}/${name}`;
  };
  try {
    say("Making releases of this checkout …");
    const source = await makeLocalRelease(await below("source"), ["shell"]);
    const bundled = await makeLocalRelease(await below("bundled"), ["shell"], { form: "bundled" });
    const fast = await makeFastRelease(await below("fast"));
    say("Timing the start of start-runner …");
    const startUps = await startUpFigures({ source, bundled }, extent.startUps);
    say("Timing whole flows …");
    const times = await timeFigures(source, extent);
    say("Watching memory …");
    const memory = await memoryFigures({ source, bundled }, extent.memoryFlows);
    say("Measuring what the agent takes while steps run …");
    const agent = await agentFigures(folder, extent);
    say("Counting requests in compressed time …");
    const requests = await requestFigures(fast, extent);
    say("Sharing one credential …");
    const shared = await sharedFigures(fast, extent.builds);
    return [...times, ...startUps, ...requests, ...shared, ...agent, ...memory];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
