import type { NamedPipeline, PipelineStep, RunsOn } from "../pipeline_model.ts";
import { type Misfit, misfit, type StartedRunner, stepSystem } from "./started_runner.ts";
import { stepWaves } from "./step_waves.ts";

/** A self-hosted step, and what becomes of it. */
export interface StepSupply {
  readonly step: PipelineStep;
  readonly runsOn: RunsOn;
  readonly outcome: Outcome;
}

export type Outcome =
  | { readonly is: "served"; readonly by: StartedRunner }
  /** All that would fit have served a step already. */
  | { readonly is: "used up"; readonly runners: readonly StartedRunner[] }
  /** The runner left when the pipeline waited for a person, or before. */
  | { readonly is: "left at gate"; readonly runner: StartedRunner; readonly gate: string }
  /** Its runner is started by a step that begins when it does, or after it. */
  | { readonly is: "too early"; readonly runner: StartedRunner; readonly beside: boolean }
  /** Runners were started before it, and this is the one that comes closest; whether any of them is left over. */
  | { readonly is: "misfit"; readonly runner: StartedRunner; readonly misfit: Misfit; readonly idle: boolean }
  | { readonly is: "nothing started" };

/** What a pipeline's starts and its self-hosted steps make of each other. */
export interface PipelineSupply {
  readonly steps: readonly StepSupply[];
  readonly queues: readonly RunnerQueue[];
  readonly idle: readonly IdleRunners[];
}

/** What a start brings together with others on its machines, or on as many beside it, and for which there is never a step. */
export interface IdleRunners {
  readonly start: StartedRunner;
  readonly used: number;
}

/** Steps that begin together and wait for each other, since a runner that stays serves one at a time. */
export interface RunnerQueue {
  readonly steps: readonly PipelineStep[];
  readonly runners: number;
}

interface Need {
  readonly step: PipelineStep;
  readonly runsOn: RunsOn;
  /** The runners that are there for it, whoever else may take them. */
  readonly candidates: readonly StartedRunner[];
  readonly otherwise: Outcome;
}

/** The runners when a wave of steps begins. */
interface Scene {
  readonly present: readonly StartedRunner[];
  /** With the gate at which they left. */
  readonly gone: ReadonlyMap<StartedRunner, string>;
  /** What the wave itself starts. */
  readonly begun: readonly StartedRunner[];
  /** What the pipeline starts at any time. */
  readonly all: readonly StartedRunner[];
}

type Taken = Map<StartedRunner, Need>;

/**
 * Plays a pipeline: each start brings a runner, which serves one step, or all when it stays; each self-hosted step
 * takes one that was started before it. Runners do not wait for people. Of several ways to give steps to runners, one
 * that serves as many as can be counts.
 */
export function supplySteps(
  { items }: NamedPipeline,
  startedBy: (step: PipelineStep) => readonly StartedRunner[],
): PipelineSupply {
  const waves = stepWaves(items);
  const all = waves.flatMap(({ steps }) => steps).flatMap(startedBy);
  const taken: Taken = new Map();
  const gone = new Map<StartedRunner, string>();
  const needs: Need[] = [];
  const queues: RunnerQueue[] = [];
  let present: StartedRunner[] = [];
  for (const { steps, gate } of waves) {
    if (gate !== undefined) {
      for (const runner of present) gone.set(runner, gate);
      present = [];
    }
    const begun = steps.flatMap(startedBy);
    const scene = { present: [...present], gone, begun, all };
    const ofWave = steps.flatMap((step) => needOf(step, scene) ?? []);
    for (const need of ofWave) take(need, taken, new Set());
    needs.push(...ofWave);
    queues.push(...queueOf(ofWave, taken));
    present.push(...begun);
  }
  const servers = needs.map((need) => serverOf(need, taken));
  const someIdle = all.some((runner) => !servers.includes(runner));
  return {
    steps: needs.map((need, index) => supplyOf(need, servers[index], someIdle)),
    queues,
    idle: idleRunners(all, waves.map(({ steps }) => needs.filter(({ step }) => steps.includes(step))), taken),
  };
}

/** Undefined for a step of Bitbucket's own cloud, and for one that no runner of ours could serve. */
function needOf(step: PipelineStep, scene: Scene): Need | undefined {
  const { runsOn } = step;
  if (runsOn === undefined || stepSystem(runsOn.labels.map(({ text }) => text)) === "other") return undefined;
  const candidates = scene.present.filter((runner) => misfit(runner, runsOn) === undefined);
  const otherwise: Outcome = candidates.length > 0
    ? { is: "used up", runners: candidates }
    : whyNone(step, runsOn, scene);
  return { step, runsOn, candidates, otherwise };
}

function whyNone(step: PipelineStep, runsOn: RunsOn, { present, gone, begun, all }: Scene): Outcome {
  const fits = (runner: StartedRunner) => misfit(runner, runsOn) === undefined;
  const left = [...gone].find(([runner]) => fits(runner));
  if (left !== undefined) return { is: "left at gate", runner: left[0], gate: left[1] };
  const before = [...present, ...gone.keys()];
  const later = all.find((runner) => runner.step !== step && !before.includes(runner) && fits(runner));
  if (later !== undefined) return { is: "too early", runner: later, beside: begun.includes(later) };
  const [closest] = before.flatMap((runner) => {
    const found = misfit(runner, runsOn);
    return found === undefined ? [] : [{ runner, misfit: found }];
  }).sort((a, b) => distance(a.misfit) - distance(b.misfit));
  return closest === undefined ? { is: "nothing started" } : { is: "misfit", ...closest, idle: true };
}

function distance({ missing, wrongType }: Misfit): number {
  return missing.length + (wrongType ? 1 : 0);
}

/**
 * Gives a step one of its candidates, if need be by giving the step that has it another one. Runners that stay are
 * for those who find no other.
 */
function take(need: Need, taken: Taken, tried: Set<StartedRunner>): boolean {
  for (const runner of need.candidates) {
    if (runner.multiStep || tried.has(runner)) continue;
    tried.add(runner);
    const other = taken.get(runner);
    if (other === undefined || take(other, taken, tried)) {
      taken.set(runner, need);
      return true;
    }
  }
  return need.candidates.some(({ multiStep }) => multiStep);
}

function serverOf(need: Need, taken: Taken): StartedRunner | undefined {
  const own = [...taken].find(([, other]) => other === need)?.[0];
  return own ?? need.candidates.find(({ multiStep }) => multiStep);
}

function queueOf(needs: readonly Need[], taken: Taken): RunnerQueue[] {
  const served = new Set(taken.values());
  const waiting = needs.filter((need) =>
    !served.has(need) && need.candidates.some(({ multiStep }) => multiStep)
  );
  const staying = new Set(
    waiting.flatMap(({ candidates }) => candidates.filter(({ multiStep }) => multiStep)),
  );
  if (waiting.length <= staying.size) return [];
  return [{ steps: waiting.map(({ step }) => step), runners: staying.size }];
}

/** One that a start brings alone is there for its step, whichever that is. */
function idleRunners(
  all: readonly StartedRunner[],
  waves: readonly (readonly Need[])[],
  taken: Taken,
): IdleRunners[] {
  const starts = Map.groupBy(all, ({ call }) => call);
  return [...starts.values()].flatMap((runners) => {
    const [start] = runners;
    if (start === undefined || start.brought === 1 || !isPlain(start)) return [];
    const served = new Set(taken.values());
    const used = start.multiStep
      ? Math.max(
        0,
        ...waves.map((needs) => needs.filter((need) => !served.has(need) && hasOneOf(need, runners)).length),
      )
      : runners.filter((runner) => taken.has(runner)).length;
    return used < start.brought ? [{ start, used }] : [];
  });
}

function isPlain({ asked: { runners, machines } }: StartedRunner): boolean {
  return runners !== undefined && machines !== undefined;
}

function hasOneOf({ candidates }: Need, runners: readonly StartedRunner[]): boolean {
  return runners.some((runner) => candidates.includes(runner));
}

function supplyOf(need: Need, server: StartedRunner | undefined, idle: boolean): StepSupply {
  const { step, runsOn, otherwise } = need;
  if (server !== undefined) return { step, runsOn, outcome: { is: "served", by: server } };
  return { step, runsOn, outcome: otherwise.is === "misfit" ? { ...otherwise, idle } : otherwise };
}
