import { runnerName } from "../../shared/leftovers/runner_name.ts";
import type { Event, HappeningOf } from "../local_cloud/server/happenings.ts";
import type { LocalRelease } from "../local_cloud/local_release.ts";
import { type LocalCloud, startLocalCloud } from "../local_cloud/start_local_cloud.ts";
import { buildsOf, flowEnded, type FlowPlan, startFlow } from "../soak/flow.ts";
import type { Figure } from "./report/figure.ts";

/** How long the two hand-overs of one flow took, in seconds. */
interface FlowTimes {
  /** Last step completed → build ended. */
  readonly leavingS: number;
  /** Runner ONLINE → start-runner done. */
  readonly noticingS: number;
}

/** What the programs have by default, unlike other flows on the local cloud. */
const INTERVALS = { BITBUCKET_POLL_INTERVAL: "10", API_TIMEOUT: "10" };

/** The hand-overs of both kinds of flow. */
export async function timeFigures(
  release: LocalRelease,
  extent: { readonly flows: number; readonly multiStepFlows: number },
): Promise<Figure[]> {
  const single = await flowTimes(release, { steps: ["sleep 1"] }, extent.flows);
  const two = { steps: ["sleep 1", "sleep 1"], multiStep: true };
  const multi = await flowTimes(release, two, extent.multiStepFlows);
  const how = "whole flows on the local cloud, one after another, all intervals as by default";
  const figure = (name: string, values: readonly number[], limit?: number): Figure => ({
    name,
    unit: "s",
    values,
    budget: limit === undefined ? undefined : { limit, judged: "p95" },
    how,
  });
  const leaving = figure("Step completed → build ended", single.map(({ leavingS }) => leavingS), 1);
  const noticing = [...single, ...multi].map(({ noticingS }) => noticingS);
  return [
    { ...leaving, shellTool: "10 s" },
    figure("Last step completed → build ended, multi-step", multi.map(({ leavingS }) => leavingS)),
    figure("Runner ONLINE → start-runner done", noticing, 2),
  ];
}

/** Plays a flow so many times, one after another, on a local cloud whose builds take a moment to be provisioned. */
async function flowTimes(release: LocalRelease, plan: FlowPlan, flows: number): Promise<FlowTimes[]> {
  const cloud = await startLocalCloud({ releaseFolder: release.folder, codeBuild: { provisioningMs: 300 } });
  try {
    const times: FlowTimes[] = [];
    for (let flow = 0; flow < flows; flow++) times.push(await oneFlow(cloud, release, plan));
    return times;
  } finally {
    await cloud.close();
  }
}

async function oneFlow(cloud: LocalCloud, release: LocalRelease, plan: FlowPlan): Promise<FlowTimes> {
  const pipeline = startFlow(cloud, release.bin, { ...plan, variables: INTERVALS });
  await flowEnded(cloud, pipeline);
  const [build] = buildsOf(cloud, pipeline);
  if (pipeline.result !== "SUCCESSFUL" || build === undefined) {
    throw new Error(`Cannot time a flow: it ended ${pipeline.result}`);
  }
  const stepEnded = last(cloud, "step ended", (step) => step.pipelineUuid === pipeline.uuid);
  const buildEnded = last(cloud, "build ended", ({ buildId }) => buildId === build.id);
  const online = last(cloud, "runner online", ({ name }) => name === runnerName(build.id));
  const done = last(
    cloud,
    "step output",
    (step) => step.pipelineUuid === pipeline.uuid && step.line === "start-runner ended with 0",
  );
  return { leavingS: (buildEnded - stepEnded) / 1000, noticingS: (done - online) / 1000 };
}

function last<T extends Event["type"]>(
  cloud: LocalCloud,
  type: T,
  where: (happening: HappeningOf<T>) => boolean,
): number {
  const found = cloud.happenings.of(type).findLast(where);
  if (found === undefined) throw new Error(`Cannot time a flow: there was no «${type}»`);
  return found.at;
}
