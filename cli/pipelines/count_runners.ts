import type { RunnerType } from "../../shared/settings/runner_type.ts";
import { splitLabels } from "../../shared/settings/labels_rules.ts";
import { pipelineTitle, quoted } from "./findings/finding.ts";
import type { StartCall } from "./findings/start_calls.ts";
import { type StartDefaults, startedRunner, startedRunners } from "./findings/started_runner.ts";
import { runnersFor, type StepsAtOnce, stepsAtOnce } from "./findings/steps_at_once.ts";
import { type NamedPipeline, type PipelineStep, stepsOfItem } from "./pipeline_model.ts";

/** The start whose runners are to be counted, as it is made. */
export interface CountedStart {
  readonly runnerType: RunnerType;
  /** As they are written in the call or the variable, and as they are filled in. */
  readonly labelTemplates: readonly string[] | undefined;
  readonly labels: readonly string[] | undefined;
  readonly arch: StartDefaults["arch"];
  readonly machines: number;
}

/** How many runners each build of the start is to host, and why. */
export interface RunnerCount {
  readonly runners: number;
  /** As in «4, the parallel steps …». */
  readonly reason: string;
}

/** The most that one of the pipelines needs at once behind a call like this start; undefined where none of them has such a call. */
export function countRunners(
  pipelines: readonly NamedPipeline[],
  start: CountedStart,
): RunnerCount | undefined {
  const needs = pipelines.flatMap((pipeline) =>
    needsOf(pipeline, start).map((need) => ({ pipeline, need, runners: runnersFor(need, start.machines) }))
  );
  const [most] = needs.toSorted((a, b) => b.runners - a.runners || b.need.steps.length - a.need.steps.length);
  if (most === undefined) return undefined;
  const { pipeline, need, runners } = most;
  return {
    runners,
    reason: `${runners}${shared(need, start, runners)}, ${stepsWords(need.steps)} ${pipelineTitle(pipeline)}`,
  };
}

/** One for each call of the pipeline that this start may be. */
function needsOf(pipeline: NamedPipeline, start: CountedStart): StepsAtOnce[] {
  const defaults: StartDefaults = {
    runnerType: start.runnerType,
    userLabels: start.labelTemplates ?? [],
    multiStep: false,
    runners: "auto",
    machines: start.machines,
    arch: start.arch,
  };
  const steps = pipeline.items.flatMap(stepsOfItem);
  const started = new Map(steps.map((step) => [step, startedRunners(step, defaults)]));
  return [...started].flatMap(([step, runners]) =>
    runners.filter((runner) => runner.asked.runners === "auto" || runner.asked.runners === undefined)
      .filter(({ call }) => mayBe(call, start))
      .map((runner) => {
        const given = { ...runner.call.given, labels: start.labels?.join(",") ?? "" };
        const filled = startedRunner(step, { ...runner.call, given }, defaults);
        return stepsAtOnce(pipeline, { ...filled, kind: runner.kind }, (one) => started.get(one) ?? []);
      })
  );
}

/** What the script does not write plainly may be anything. */
function mayBe({ given: { runnerType, labels } }: StartCall, start: CountedStart): boolean {
  const isType = runnerType === undefined || runnerType.includes("$") || runnerType === start.runnerType;
  const hasLabels = labels === undefined || labels.includes("$") ||
    sorted(splitLabels(labels)) === sorted(start.labelTemplates ?? []);
  return isType && hasLabels;
}

function sorted(labels: readonly string[]): string {
  return [...labels].sort().join();
}

function shared({ steps, starts }: StepsAtOnce, { machines }: CountedStart, runners: number): string {
  const enough = runners * starts * machines >= steps.length;
  return [
    ...(machines > 1 ? [` on each of ${machines} machines`] : []),
    ...(starts > 1 ? [`, with as many of each of ${starts} starts`] : []),
    ...(enough ? [] : [", the most that a build hosts"]),
  ].join("");
}

function stepsWords(steps: readonly PipelineStep[]): string {
  const names = steps.slice(0, 8).map(({ name }) => `«${quoted(name)}»`);
  const more = steps.length > names.length ? ` and ${steps.length - names.length} more` : "";
  if (steps.length === 0) return "as there is no step with its labels behind it in";
  return `the ${steps.length === 1 ? "step" : "parallel steps"} ${names.join(", ")}${more} of`;
}
