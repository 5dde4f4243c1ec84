import { finding, type PipelineFinding, pipelineTitle } from "./findings/finding.ts";
import { kindFindings } from "./findings/kind_findings.ts";
import { labelFindings } from "./findings/label_findings.ts";
import { type PipelineSupply, supplySteps } from "./findings/runner_supply.ts";
import { firstStepFindings, startFindings } from "./findings/start_findings.ts";
import { type StartDefaults, type StartedRunner, startedRunners } from "./findings/started_runner.ts";
import { hostedRunners } from "./findings/steps_at_once.ts";
import { supplyFindings } from "./findings/supply_findings.ts";
import { type NamedPipeline, type PipelinesFile, type PipelineStep, stepsOfItem } from "./pipeline_model.ts";

export type { PipelineFinding } from "./findings/finding.ts";
export type { StartDefaults } from "./findings/started_runner.ts";

/** How many steps a pipeline may have. Source: Bitbucket's documentation. */
const MOST_STEPS = 100;

/**
 * What will not work, or not as meant, between the starts and the self-hosted steps of a file, in the order of its
 * lines. Starts are read as far as the scripts show them; the defaults say what holds where they say nothing.
 */
export function pipelineFindings(file: PipelinesFile, defaults: StartDefaults): PipelineFinding[] {
  const played = file.pipelines.map((pipeline) => playPipeline(pipeline, defaults));
  const runners = played.flatMap(({ runners }) => runners);
  const findings = played.flatMap(({ pipeline, steps, supply }) => [
    ...firstStepFindings(pipeline),
    ...steps.flatMap(startFindings),
    ...steps.flatMap(labelFindings),
    ...(supply === undefined ? [tooManySteps(pipeline)] : [
      ...supplyFindings(pipeline, supply),
      ...kindFindings(supply.steps, runners),
    ]),
  ]);
  return inOrder(findings);
}

interface Played {
  readonly pipeline: NamedPipeline;
  readonly steps: readonly PipelineStep[];
  readonly runners: readonly StartedRunner[];
  /** Undefined for more steps than anybody could run. */
  readonly supply: PipelineSupply | undefined;
}

function playPipeline(pipeline: NamedPipeline, defaults: StartDefaults): Played {
  const steps = pipeline.items.flatMap(stepsOfItem);
  if (steps.length > MOST_STEPS) return { pipeline, steps: [], runners: [], supply: undefined };
  const started = new Map(steps.map((step) => [step, startedRunners(step, defaults)]));
  const startedBy = (step: PipelineStep) => started.get(step) ?? [];
  const hosted = new Map(steps.map((step) => [
    step,
    startedBy(step).flatMap((starter) => hostedRunners(pipeline, starter, startedBy)),
  ]));
  return {
    pipeline,
    steps,
    runners: [...started.values()].flat(),
    supply: supplySteps(pipeline, (step) => hosted.get(step) ?? []),
  };
}

function tooManySteps(pipeline: NamedPipeline): PipelineFinding {
  const count = pipeline.items.flatMap(stepsOfItem).length;
  return finding(
    pipeline.place,
    "fail",
    `There are ${count} steps in ${pipelineTitle(pipeline)}, but Bitbucket takes ${MOST_STEPS}`,
    "Make several pipelines of it, or join steps",
  );
}

/** An anchored step is part of several pipelines, but has its faults once. */
function inOrder(findings: readonly PipelineFinding[]): PipelineFinding[] {
  const distinct = new Map(findings.map((one) => [JSON.stringify(one), one]));
  return [...distinct.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}
