import type { LocalRelease } from "../local_cloud/local_release.ts";
import { startLocalCloud } from "../local_cloud/start_local_cloud.ts";
import { flowEnded, startFlow } from "../soak/flow.ts";
import { compressedStep } from "./fast_release.ts";
import type { Figure } from "./report/figure.ts";

/** What the runner of a flow gets to do, and how much its time is compressed. */
interface Work {
  readonly name: string;
  /** Most requests that it may take. */
  readonly limit: number;
  /** One after another, or at once where the build hosts as many runners. */
  readonly steps: number;
  /** Of the build, one when absent. */
  readonly runners?: number;
  /** Of each step. */
  readonly minutes: number;
  /** Of the agent's clock, while a step runs. */
  readonly rate: number;
  readonly multiStep?: boolean;
}

type Counts = Readonly<Record<string, number>>;

/** The default interval between looks; a request may stay unanswered for long, since its time is compressed too. */
export const COMPRESSED = { BITBUCKET_POLL_INTERVAL: "10", API_TIMEOUT: "300" };

/** Seconds that Bitbucket takes to hand the next step over: long enough for the agent to look at the pipeline. */
const HAND_OVER_S = 4;
const RATE_BETWEEN_STEPS = 10;

/** Most requests that a build with so many runners may take, each with one step. */
const mostFor = (runners: number) => 4 + 5 * runners;

/**
 * Requests of whole flows: one with a long step, the same with several runners that have one each, and an hour in multi-step
 * mode with many steps and with one. They run side by side, each with a local cloud of its own, since nothing is timed.
 */
export async function requestFigures(release: LocalRelease, extent: RequestExtent): Promise<Figure[]> {
  return await Promise.all(
    workOf(extent).map(async (work) => requestFigure(work, await count(release, work))),
  );
}

/** How many steps the busy multi-step flow has, and how much faster than in a full run time passes in long steps. */
export interface RequestExtent {
  readonly minuteSteps: number;
  readonly haste: number;
  /** How many runners builds have that have several. */
  readonly several: readonly number[];
}

function workOf({ minuteSteps, haste, several }: RequestExtent): Work[] {
  const rate = 60 * haste;
  return [
    { name: "one step of 30 minutes", limit: mostFor(1), steps: 1, minutes: 30, rate },
    ...several.map((runners) => ({
      name: `${runners} runners with a step of 30 minutes each`,
      limit: mostFor(runners),
      steps: runners,
      runners,
      minutes: 30,
      rate,
    })),
    {
      name: `multi-step, ${minuteSteps} steps of one minute`,
      limit: 40,
      steps: minuteSteps,
      minutes: 1,
      rate: 60,
      multiStep: true,
    },
    { name: "multi-step, one step of an hour", limit: 40, steps: 1, minutes: 60, rate, multiStep: true },
  ];
}

function requestFigure({ name, limit, rate, steps, runners = 1, multiStep }: Work, counts: Counts): Figure {
  const between = steps > runners
    ? `, ${RATE_BETWEEN_STEPS} times as fast in the ${HAND_OVER_S} s between two steps`
    : "";
  const calls = Object.entries(counts).map(([call, count]) => `${call} ${count}`).join(", ");
  return {
    name: `Bitbucket requests, ${name}`,
    unit: "requests",
    values: [Object.values(counts).reduce((sum, count) => sum + count, 0)],
    budget: { limit, judged: "highest" },
    how:
      `a whole flow, those of start-runner and for tokens included; the agent's clock runs ${rate} times as fast ` +
      `while a step runs${between}, all else takes its real time; ${calls}`,
    ...(multiStep ? { shellTool: "360 an hour" } : {}),
  };
}

async function count(
  release: LocalRelease,
  { steps, runners = 1, minutes, rate, multiStep = false }: Work,
): Promise<Counts> {
  const cloud = await startLocalCloud({
    releaseFolder: release.folder,
    bitbucket: { pickUpMs: multiStep ? HAND_OVER_S * 1000 / RATE_BETWEEN_STEPS : 0, offlineAfterMs: 30_000 },
  });
  try {
    const commands = Array.from(
      { length: steps },
      (_, step) => compressedStep(minutes, rate, step < steps - runners ? RATE_BETWEEN_STEPS : 1),
    );
    const several = runners === 1 ? {} : { parallel: true, options: `--runners ${runners}` };
    const plan = { steps: commands, multiStep, ...several, variables: COMPRESSED };
    const pipeline = startFlow(cloud, release.bin, plan);
    await flowEnded(cloud, pipeline);
    if (pipeline.result === "SUCCESSFUL") return cloud.requests.byCall("Bitbucket");
    throw new Error(`Cannot count requests: the flow ended ${pipeline.result}`);
  } finally {
    await cloud.close();
  }
}
