import { messageOf } from "../../shared/program/errors.ts";
import { hasFailed } from "../life/leaving_rules.ts";
import { type Lifecycle, type ServedStep, SOMEBODYS_PIPELINE } from "../life/lifecycle_state.ts";
import type { StepResults } from "../ask/step_results.ts";
import type { PhaseDeps } from "./phase.ts";

/** Pipelines that are asked after at most: a runner may serve many others', and requests are few. */
const MOST_ASKED = 8;

/**
 * The steps served here that failed, and have not been run again since, with their results. Bitbucket's word counts, also where the runner's is PASSED: a step
 * could write that into the runner's log itself. Where Bitbucket does not tell, the runner's word has to do. Never rejects.
 */
export async function failedSteps(
  deps: Pick<PhaseDeps, "bitbucket" | "log" | "signal">,
  { served, settings }: Pick<Lifecycle, "served" | "settings">,
  results: StepResults,
): Promise<string[]> {
  if (settings.bitbucket === "asked") await askAfter(deps, served, settings.pipelineUuid, results);
  return served.flatMap((step, index) => {
    const { stepUuid, result } = step;
    const again = served.slice(index + 1).some((later) => later.stepUuid === stepUuid);
    if (again || results.wasReplaced(step)) return [];
    const word = results.of(stepUuid) ?? result;
    return hasFailed(word) ? `${stepUuid} (${word})` : [];
  });
}

async function askAfter(
  { bitbucket, log, signal }: Pick<PhaseDeps, "bitbucket" | "log" | "signal">,
  served: readonly ServedStep[],
  ownPipeline: string,
  results: StepResults,
): Promise<void> {
  const untold = () =>
    served.filter((step) =>
      step.pipelineUuid !== SOMEBODYS_PIPELINE && results.of(step.stepUuid) === undefined &&
      !results.wasReplaced(step)
    );
  const pipelines = [...new Set(untold().map(({ pipelineUuid }) => pipelineUuid))]
    .sort((one, other) => Number(other === ownPipeline) - Number(one === ownPipeline));
  for (const pipelineUuid of pipelines.slice(0, MOST_ASKED)) {
    try {
      results.note(pipelineUuid, await bitbucket.listSteps(pipelineUuid, { signal }));
    } catch (error) {
      log.warning(messageOf(error));
    }
  }
  const left = untold().map(({ stepUuid }) => stepUuid);
  if (left.length === 0) return;
  log.warning(
    `Bitbucket does not tell how ${left.slice(0, 5).join(", ")} ended: the runner's own word counts`,
  );
}
