import { type Pipeline, stepsOf } from "../local_cloud/pipelines/pipeline.ts";
import { type LocalCloud, startLocalCloud } from "../local_cloud/start_local_cloud.ts";
import type { LocalRelease } from "../local_cloud/local_release.ts";
import { buildsOf, flowEnded, startFlow } from "./flow.ts";
import { flowLog } from "./flow_log.ts";
import { interrupt } from "./interrupt.ts";
import { leftoversOf } from "../local_cloud/leftovers.ts";
import type { PlannedPipeline, RoundPlan } from "./round_plan.ts";
import { violationsIn } from "./violations.ts";

/** What came of a round. */
export interface RoundOutcome {
  readonly plan: RoundPlan;
  readonly violations: readonly string[];
  /** Everything that was printed and asked for; empty when there is no violation. */
  readonly log: string;
  readonly counts: RoundCounts;
}

export interface RoundCounts {
  readonly pipelines: number;
  readonly builds: number;
  readonly servedSteps: number;
  readonly faults: number;
  readonly interruptions: number;
  readonly bitbucketRequests: number;
}

/** Longer than any wait of the programs with the short intervals of a flow. */
const LONGEST_ROUND_MS = 240_000;

/** Plays a round on a local cloud of its own, and says in what it broke the promises. */
export async function playRound(release: LocalRelease, plan: RoundPlan): Promise<RoundOutcome> {
  const cloud = await startLocalCloud({ bitbucket: plan.bitbucket, releaseFolder: release.folder });
  for (const fault of plan.faults) cloud.faults.inject(fault);
  const pipelines: Pipeline[] = [];
  const timeout = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => timeout.resolve(undefined), LONGEST_ROUND_MS);
  try {
    const played = Promise.all(plan.pipelines.map(async (one, index) => {
      await playFlow(cloud, release.bin, one, (pipeline) => pipelines[index] = pipeline);
    }));
    const interrupting = interruptIn(cloud, pipelines, plan);
    const ended = await Promise.race([played, timeout.promise]);
    const interrupted = await interrupting;
    const counts = countsOf(cloud, interrupted);
    const violations = ended === undefined
      ? [`the round did not end within ${LONGEST_ROUND_MS / 1000} s`]
      : violationsIn(cloud, plan, pipelines, interrupted);
    if (violations.length === 0 && leftoversOf(cloud).length > 0) {
      violations.push(...await sweepAway(cloud, release.bin));
    }
    const log = violations.length === 0 ? "" : pipelines.map((one) => flowLog(cloud, one)).join("\n");
    return { plan, violations, log, counts };
  } finally {
    clearTimeout(timer);
    await cloud.close();
  }
}

async function playFlow(
  cloud: LocalCloud,
  bin: string,
  plan: PlannedPipeline,
  started: (pipeline: Pipeline) => void,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, plan.startMs));
  const pipeline = startFlow(cloud, bin, plan);
  started(pipeline);
  await flowEnded(cloud, pipeline);
}

async function interruptIn(
  cloud: LocalCloud,
  pipelines: readonly Pipeline[],
  plan: RoundPlan,
): Promise<boolean> {
  const { interruption } = plan;
  if (interruption === undefined) return false;
  const startMs = plan.pipelines[0]?.startMs ?? 0;
  await new Promise((resolve) => setTimeout(resolve, startMs + interruption.atMs));
  const [pipeline] = pipelines;
  return pipeline !== undefined && interrupt(cloud, pipeline, interruption.kind);
}

/** What an interruption left is removed by the next build of the project. */
async function sweepAway(cloud: LocalCloud, bin: string): Promise<string[]> {
  cloud.faults.clear();
  // A runner whose machine is gone is noticed by its silence.
  await new Promise((resolve) => setTimeout(resolve, cloud.bitbucket.settings.offlineAfterMs));
  const pipeline = startFlow(cloud, bin, { steps: ["true"] });
  await flowEnded(cloud, pipeline);
  const result = pipeline.result === "SUCCESSFUL" ? [] : [`the next pipeline ended ${pipeline.result}`];
  return [...result, ...leftoversOf(cloud).map((what) => `${what}, even after the next build`)];
}

function countsOf(cloud: LocalCloud, interrupted: boolean): RoundCounts {
  const { pipelines } = cloud.bitbucket.scheduler;
  return {
    pipelines: pipelines.length,
    builds: pipelines.flatMap((pipeline) => buildsOf(cloud, pipeline)).length,
    servedSteps: pipelines.flatMap(stepsOf).filter(({ runnerUuid }) => runnerUuid !== undefined).length,
    faults: cloud.faults.struck.length,
    interruptions: interrupted ? 1 : 0,
    bitbucketRequests: cloud.requests.count({ api: "Bitbucket" }),
  };
}
