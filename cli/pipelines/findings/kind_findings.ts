import { finding, type PipelineFinding, stepName, stepTitle } from "./finding.ts";
import type { StepSupply } from "./runner_supply.ts";
import { misfit, type StartedRunner } from "./started_runner.ts";

/**
 * What is to be said of steps that a runner of another kind may take as well: all pipelines of a repository share its
 * runners, and one with an additional label serves steps that do not ask for it.
 */
export function kindFindings(
  supplies: readonly StepSupply[],
  runners: readonly StartedRunner[],
): PipelineFinding[] {
  return supplies.flatMap(({ step, runsOn, outcome }) => {
    if (outcome.is !== "served") return [];
    const own = outcome.by;
    const other = runners.find((runner) => runner.kind !== own.kind && misfit(runner, runsOn) === undefined);
    if (other === undefined) return [];
    const theirs = `${stepName(other.step)} (line ${other.place.line})`;
    return [finding(
      runsOn.place,
      "warning",
      `${
        stepTitle(step)
      } may also land on the runner of ${theirs}: of another kind, it has all labels asked for`,
      "Give each kind of runner a label of its own with --label, and ask for it in runs-on",
    )];
  });
}
