import type { RunnerType } from "../../shared/settings/runner_type.ts";
import { type Burden, dockerAnswers, type Load, measureBurden, SETTLED_S } from "./agent_load.ts";
import type { Figure } from "./report/figure.ts";

/** What a build with one runner may take, and each further runner besides: the stricter way to read «for each». */
export const CPU_PERCENT = { one: 0.3, further: 0.1 };
export const MEMORY_MB = { one: 90, further: 2 };
const LIMIT_A_MINUTE = 1;

export interface AgentExtent {
  /** Seconds that the step takes during which the CPU of an agent with one runner is measured. */
  readonly quietS: number;
  /** How many runners builds have that have several. */
  readonly several: readonly number[];
  /** Seconds that each of their steps takes. */
  readonly severalS: number;
}

/**
 * What the agent takes of the machine while steps run, for each type of runner that can run here: with one runner, and with
 * several that all are at work, or but one of them. Builds with several runners of either type run side by side, since
 * nothing is timed.
 */
export async function agentFigures(folder: string, extent: AgentExtent): Promise<Figure[]> {
  const types: RunnerType[] = await dockerAnswers() ? ["shell", "docker"] : ["shell"];
  const figures: Figure[] = [];
  for (const type of types) {
    figures.push(...await figuresOf(folder, { type, runners: 1, steps: 1, seconds: extent.quietS }));
  }
  for (const { runners, steps } of scenes(extent.several)) {
    const loads = types.map((type) => ({ type, runners, steps, seconds: extent.severalS }));
    figures.push(...(await Promise.all(loads.map((load) => figuresOf(folder, load)))).flat());
  }
  return figures;
}

/** Whoever is idle looks more often for what happens: most of the greatest number are. */
function scenes(several: readonly number[]): Pick<Load, "runners" | "steps">[] {
  return [
    ...several.map((runners) => ({ runners, steps: runners })),
    { runners: Math.max(...several), steps: 1 },
  ];
}

async function figuresOf(folder: string, load: Load): Promise<Figure[]> {
  const burden = await measureBurden(folder, load);
  const atWork = load.steps === load.runners;
  return [...cpuFigures(load, burden), ...(atWork ? [memoryFigure(load, burden)] : [])];
}

function cpuFigures(load: Load, { taken: { percent, processesStarted } }: Burden): Figure[] {
  const { seconds } = load;
  const how =
    `utime and stime of the agent and of all that it started, from ${SETTLED_S} s after the start of ` +
    `the last step, each of ${seconds} s, to the end of the first; children are counted every 5 ms`;
  return [
    {
      name: `CPU of the agent while ${whileText(load)}`,
      unit: "% of a core",
      values: [percent],
      budget: { limit: limitFor(load, CPU_PERCENT), judged: "highest" },
      how,
    },
    {
      name: `Processes started by the agent while ${whileText(load)}`,
      unit: "a minute",
      values: [processesStarted * 60 / Math.max(60, seconds)],
      budget: { limit: LIMIT_A_MINUTE, judged: "highest" },
      how,
    },
  ];
}

function memoryFigure(load: Load, { peaks }: Burden): Figure {
  return {
    name: `Peak memory of the agent, ${runnersText(load)}, from source`,
    unit: "MB",
    // A process that a program is about to start is a copy of it for a moment, hence the highest.
    values: [Math.max(...peaks.filter(({ role }) => role !== "start-runner").map(({ mb }) => mb))],
    budget: { limit: limitFor(load, MEMORY_MB), judged: "highest" },
    how: "VmHWM of the agent's processes in all phases, read every 10 ms, in the flows that tell the CPU",
  };
}

/** What so many runners may take together; without the last digits that adding up tenths leaves. */
export function limitFor({ runners }: Pick<Load, "runners">, { one, further }: typeof CPU_PERCENT): number {
  return Math.round((one + further * (runners - 1)) * 10) / 10;
}

function whileText(load: Load): string {
  if (load.runners === 1) return `a step runs, ${load.type} runner`;
  return load.steps === load.runners
    ? `${runnersText(load)} run steps`
    : `${load.steps} of ${runnersText(load)} runs a step`;
}

function runnersText({ runners, type }: Load): string {
  return runners === 1 ? `${type} runner` : `${runners} ${type} runners`;
}
