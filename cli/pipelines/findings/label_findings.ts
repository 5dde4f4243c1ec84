import { labelProblems } from "../../../shared/settings/labels_rules.ts";
import { closestWord } from "../../../shared/settings/closest_word.ts";
import type { PipelineStep, RunsOn } from "../pipeline_model.ts";
import type { PlacedText } from "../yaml_node.ts";
import { finding, type PipelineFinding, quoted, stepTitle } from "./finding.ts";
import { isTemplate, stepSystem } from "./started_runner.ts";

const SELF_HOSTED = "self.hosted";
/** Labels that Bitbucket gives, to which the rules for a user's own do not apply. */
const SYSTEM_LABELS = [SELF_HOSTED, "linux", "linux.arm64", "linux.shell", "windows", "macos"];
const SYSTEM_FAMILY = /^(linux|windows|macos)/;

/** What is to be said of a self-hosted step by its own words alone. */
export function labelFindings(step: PipelineStep): PipelineFinding[] {
  return [...runsOnFindings(step), ...cacheFindings(step)];
}

/** Whether there may be a runner with the labels a step asks for. */
export function hasPossibleLabels(step: PipelineStep): boolean {
  return runsOnFindings(step).every(({ severity }) => severity !== "fail");
}

function runsOnFindings(step: PipelineStep): PipelineFinding[] {
  const { runsOn } = step;
  if (runsOn === undefined) return [];
  const misspelt = runsOn.labels.find(({ text }) =>
    text !== SELF_HOSTED && closestWord(text, [SELF_HOSTED]) !== undefined
  );
  return [
    ...selfHosted(step, runsOn, misspelt),
    ...runsOn.labels.filter((label) => label !== misspelt).flatMap((label) => labelFinding(step, label)),
  ];
}

function labelFinding(step: PipelineStep, { text, place }: PlacedText): PipelineFinding[] {
  if (SYSTEM_LABELS.includes(text) || isTemplate(text)) return [];
  const subject = `${stepTitle(step)} asks for the label «${quoted(text)}»`;
  if (text.includes("$")) {
    return [finding(
      place,
      "fail",
      `${subject}: variables do not work in runs-on`,
      "Write the label out, as in size.large",
    )];
  }
  if (SYSTEM_FAMILY.test(text)) {
    const meant = closestWord(text, SYSTEM_LABELS);
    return meant === undefined
      ? []
      : [finding(place, "fail", `${subject}, which no runner may have`, `Did you mean «${meant}»?`)];
  }
  return labelProblems([text]).map((problem) =>
    finding(
      place,
      "fail",
      `${stepTitle(step)} asks for a label that no runner may have: ${problem}`,
      "Use lowercase letters, digits and single dots, in runs-on and in --label alike",
    )
  );
}

function selfHosted(
  step: PipelineStep,
  { labels, place }: RunsOn,
  misspelt: PlacedText | undefined,
): PipelineFinding[] {
  const texts = labels.map(({ text }) => text);
  if (texts.includes(SELF_HOSTED) || texts.some(isTemplate) || stepSystem(texts) === "other") return [];
  const others = texts.filter((text) => text !== misspelt?.text).map(quoted);
  const but = misspelt === undefined ? "" : `, but for «${quoted(misspelt.text)}»`;
  return [finding(
    misspelt?.place ?? place,
    misspelt === undefined ? "warning" : "fail",
    `${stepTitle(step)} does not ask for «${SELF_HOSTED}»${but}`,
    `Write runs-on: [${[SELF_HOSTED, ...others].join(", ")}]`,
  )];
}

/** Source: Bitbucket's documentation of runtime version 3, and of its Docker service, whose cache it is. */
function cacheFindings(step: PipelineStep): PipelineFinding[] {
  const cache = step.caches.find(({ text }) => text === "docker");
  if (cache === undefined) return [];
  const where = step.runsOn !== undefined
    ? "on a self-hosted runner"
    : step.runtimeVersion?.text === "3"
    ? "in runtime version 3"
    : undefined;
  if (where === undefined) return [];
  return [finding(
    cache.place,
    "warning",
    `${stepTitle(step)} has the cache «docker», which does nothing ${where}`,
    "Cache layers in a registry: docker buildx build --cache-from type=registry,… --cache-to type=registry,…",
  )];
}
