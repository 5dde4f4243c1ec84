import { MOST_RUNNERS } from "../../../shared/leftovers/runner_name.ts";
import { type NamedPipeline, type PipelineStep, stepsOfItem } from "../pipeline_model.ts";
import { MOST_MACHINES } from "../../options/options.ts";
import { misfit, type StartedRunner } from "./started_runner.ts";
import { stepWaves } from "./step_waves.ts";

type StartedBy = (step: PipelineStep) => readonly StartedRunner[];

/** The most steps that begin together on what a start brings, and how many starts of one step or parallel share them. */
export interface StepsAtOnce {
  readonly steps: readonly PipelineStep[];
  readonly starts: number;
}

/**
 * What a start has to serve at once: until the next one of its kind, which brings runners of its own, and until the pipeline
 * waits for a person, when runners leave.
 */
export function stepsAtOnce(
  { items }: Pick<NamedPipeline, "items">,
  starter: StartedRunner,
  startedBy: StartedBy,
): StepsAtOnce {
  const waves = stepWaves(items);
  const alike = (steps: readonly PipelineStep[]) =>
    steps.flatMap(startedBy).filter(({ kind }) => kind === starter.kind).length;
  const at = waves.findIndex(({ steps }) => steps.includes(starter.step));
  let most: readonly PipelineStep[] = [];
  for (const { steps, gate } of waves.slice(at + 1)) {
    if (gate !== undefined) break;
    const served = steps.filter(({ runsOn }) =>
      runsOn !== undefined && misfit(starter, runsOn) === undefined
    );
    if (served.length > most.length) most = served;
    if (alike(steps) > 0) break;
  }
  return { steps: most, starts: Math.max(1, alike(waves[at]?.steps ?? [])) };
}

/** How many runners each build of a start hosts by `--runners auto`. */
export function runnersFor({ steps, starts }: StepsAtOnce, machines: number): number {
  return Math.min(MOST_RUNNERS, Math.max(1, Math.ceil(steps.length / starts / machines)));
}

/**
 * What a start brings: as many runners as its builds host, and as there may be where the script does not say that plainly; no
 * more than the pipeline has steps, since nothing depends on the others.
 */
export function hostedRunners(
  pipeline: Pick<NamedPipeline, "items">,
  starter: StartedRunner,
  startedBy: StartedBy,
): StartedRunner[] {
  const { runners = MOST_RUNNERS, machines = MOST_MACHINES } = starter.asked;
  const each = runners === "auto" ? runnersFor(stepsAtOnce(pipeline, starter, startedBy), machines) : runners;
  const brought = each * machines;
  const length = Math.min(brought, pipeline.items.flatMap(stepsOfItem).length);
  return Array.from({ length }, () => ({ ...starter, brought }));
}
