import { type Pipeline, stepsOf } from "../local_cloud/pipelines/pipeline.ts";
import type { LocalCloud } from "../local_cloud/start_local_cloud.ts";
import { buildsOf, type FlowPlan } from "./flow.ts";
import { leftoversOf } from "../local_cloud/leftovers.ts";
import type { RoundPlan } from "./round_plan.ts";

/**
 * The interruptions after which all runners still do what they should. The others end a runner or its machine, sooner or
 * later, with whatever it is doing then, and so may cost a step that shares the pool.
 */
const HARMLESS: readonly string[] = ["pipeline is stopped", "start-runner gets SIGKILL"];

/**
 * In what the state after a round breaks the promises; what only the next build can remove is not counted. `pipelines`
 * are those of the plan, in its order.
 */
export function violationsIn(
  cloud: LocalCloud,
  plan: RoundPlan,
  pipelines: readonly Pipeline[],
  interrupted: boolean,
): string[] {
  const kind = interrupted ? plan.interruption?.kind : undefined;
  const left = leftoversOf(cloud).filter((what) => kind === undefined || !what.startsWith("runner "));
  const doubles = pipelines.filter((pipeline) => buildsOf(cloud, pipeline).length > 1)
    .map((pipeline) => `pipeline ${pipeline.number} has started more than one build`);
  if (kind !== undefined && !HARMLESS.includes(kind)) return [...left, ...doubles];
  const cutOff = cloud.bitbucket.cancelledSteps.map((step) => `step «${step.definition.name}» was cut off`);
  const spared = kind === undefined ? 0 : 1;
  const wrong = pipelines.slice(spared).flatMap((pipeline, index) =>
    wrongResults(pipeline, plan.pipelines[index + spared] ?? { steps: [] })
  );
  return [...left, ...doubles, ...cutOff, ...wrong];
}

function wrongResults(pipeline: Pipeline, plan: FlowPlan): string[] {
  const wanted = resultsOf(plan).join(", ");
  const got = stepsOf(pipeline).map(({ result }) => result).join(", ");
  return got === wanted ? [] : [`pipeline ${pipeline.number} ended with ${got}, not with ${wanted}`];
}

/** The results a plan's steps are to have: start-runner's, then those up to the first that fails. */
export function resultsOf({ steps }: FlowPlan): string[] {
  const failing = steps.findIndex((command) => command.includes("exit "));
  const served = steps.map((_, index) => {
    if (failing < 0 || index < failing) return "SUCCESSFUL";
    return index === failing ? "FAILED" : "NOT_RUN";
  });
  return ["SUCCESSFUL", ...served];
}
