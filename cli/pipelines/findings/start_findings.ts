import { messageOf } from "../../../shared/program/errors.ts";
import { templateProblems } from "../../../shared/settings/label_placeholders.ts";
import { splitLabels } from "../../../shared/settings/labels_rules.ts";
import { RUNNER_TYPES } from "../../../shared/settings/runner_type.ts";
import { type Setting, settingName } from "../../../shared/settings/settings.ts";
import { startOptions } from "../../options/options.ts";
import type { NamedPipeline, PipelineStep } from "../pipeline_model.ts";
import type { Place, PlacedText } from "../yaml_node.ts";
import { finding, type PipelineFinding, pipelineTitle, quoted, stepTitle } from "./finding.ts";
import { type StartCall, startCalls } from "./start_calls.ts";

/** What is to be said of the steps that start runners. */
export function startFindings(step: PipelineStep): PipelineFinding[] {
  const calls = startCalls(step);
  const [first] = calls;
  if (first === undefined) return [];
  const lacksToken = !step.oidc && step.runsOn === undefined && calls.some((call) => !call.ownCredentials);
  const noToken = finding(
    step.places["oidc"] ?? step.place,
    "fail",
    `${stepTitle(step)} calls start-runner, but has no OIDC token to take on its role with`,
    "Write «oidc: true» in this step",
  );
  return [...(lacksToken ? [noToken] : []), ...conditionFindings(step), ...calls.flatMap(callFindings)];
}

function conditionFindings(step: PipelineStep): PipelineFinding[] {
  if (step.condition === undefined) return [];
  return [finding(
    step.places["condition"] ?? step.condition.place,
    "warning",
    `${
      stepTitle(step)
    } starts a runner only on a condition: whoever needs it fails where the condition does not hold`,
    "Give the steps that run on it the same condition",
  )];
}

function callFindings({ place, given }: StartCall): PipelineFinding[] {
  const { labels = "", runnerType = RUNNER_TYPES[0], runners, machines } = given;
  const illegal = labels.includes("$") ? [] : templateProblems(splitLabels(labels)).map((problem) =>
    finding(
      place,
      "fail",
      problem,
      "Give --label or RUNNER_LABEL labels of lowercase letters, digits and single dots, as in size.large",
    )
  );
  const isKnown = runnerType.includes("$") || RUNNER_TYPES.some((type) => type === runnerType);
  const unknown = finding(
    place,
    "fail",
    `There is no runner type «${quoted(runnerType)}»`,
    `Write ${RUNNER_TYPES.map((type) => `--runner-type ${type}`).join(" or ")}`,
  );
  return [
    ...illegal,
    ...(isKnown ? [] : [unknown]),
    ...numberFindings(place, runners, startOptions.runners),
    ...numberFindings(place, machines, startOptions.machines),
  ];
}

function numberFindings(
  place: Place,
  text: string | undefined,
  option: Pick<Setting<unknown>, "flag" | "variables" | "parse">,
): PipelineFinding[] {
  if (text === undefined || text.includes("$")) return [];
  try {
    option.parse(text);
    return [];
  } catch (error) {
    const name = settingName(option);
    return [finding(place, "fail", `There is «${quoted(text)}» for ${name}`, `Give ${messageOf(error)}`)];
  }
}

/** Bitbucket refuses a file whose pipeline begins with a person. */
export function firstStepFindings(pipeline: NamedPipeline): PipelineFinding[] {
  const [first] = pipeline.items;
  if (first === undefined) return [];
  const steps = "step" in first
    ? [first.step]
    : first.kind === "stage"
    ? first.steps.slice(0, 1)
    : first.steps;
  const triggers = [
    first.kind === "stage" ? first.trigger : undefined,
    ...steps.map(({ trigger }) => trigger),
  ];
  return triggers.filter((trigger): trigger is PlacedText => trigger?.text === "manual").map(({ place }) =>
    finding(
      place,
      "fail",
      `The first step of ${pipelineTitle(pipeline)} has a manual trigger, which Bitbucket refuses`,
      "Take «trigger: manual» away, or make it a custom pipeline, which a person starts",
    )
  );
}
