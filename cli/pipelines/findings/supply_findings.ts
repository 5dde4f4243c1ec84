import { MOST_RUNNERS } from "../../../shared/leftovers/runner_name.ts";
import { hasPlaceholder } from "../../../shared/settings/label_placeholders.ts";
import { closestWord } from "../../../shared/settings/closest_word.ts";
import type { NamedPipeline, PipelineStep, RunsOn } from "../pipeline_model.ts";
import { finding, type PipelineFinding, pipelineTitle, quoted, stepName, stepTitle } from "./finding.ts";
import { hasPossibleLabels } from "./label_findings.ts";
import type { IdleRunners, Outcome, PipelineSupply, StepSupply } from "./runner_supply.ts";
import { startCalls } from "./start_calls.ts";
import type { StartedRunner } from "./started_runner.ts";

/**
 * What is to be said of self-hosted steps that find no runner, or wait for one. Where a step's labels are wrong in
 * themselves, that no runner has them says nothing more.
 */
export function supplyFindings(
  pipeline: NamedPipeline,
  { steps, queues, idle }: PipelineSupply,
): PipelineFinding[] {
  return [
    ...steps.filter(({ step, outcome }) => outcome.is !== "misfit" || hasPossibleLabels(step))
      .flatMap((supply) => outcomeFindings(pipeline, supply)),
    ...queues.flatMap(({ steps, runners }) => {
      const [first] = steps;
      if (first === undefined) return [];
      const subjects = steps.slice(0, 5).map(stepTitle).join(", ");
      const count = runners === 1 ? "one runner" : `${runners} runners`;
      return [finding(
        first.place,
        "warning",
        `${subjects} are parallel, but have ${count}: they run one after the other`,
        `Start as many: start-runner --runners ${
          Math.min(steps.length, MOST_RUNNERS)
        } for one machine, or --machines for several`,
      )];
    }),
    ...idle.map(idleFinding),
  ];
}

/** One that stays serves many steps, but costs what it would idle. */
function idleFinding({ start, used }: IdleRunners): PipelineFinding {
  const most = used === 0 ? "none" : `no more than ${used}`;
  const busy = start.multiStep ? `work for ${most} of them at once` : `a step for ${most} of them`;
  return finding(
    start.place,
    "warning",
    `${stepTitle(start.step)} starts ${start.brought} runners, but there is ${busy}`,
    "Start fewer (--runners, --machines), or have them counted with --runners auto: whoever gets no step keeps " +
      "its machine until the pipeline is over",
  );
}

function outcomeFindings(pipeline: NamedPipeline, supply: StepSupply): PipelineFinding[] {
  const { step, outcome } = supply;
  const subject = stepTitle(step);
  switch (outcome.is) {
    case "served":
      return [];
    case "used up": {
      const count = outcome.runners.length === 1 ? "the one runner" : `all ${outcome.runners.length} runners`;
      return [finding(
        step.place,
        "fail",
        `${subject} finds no runner: ${count} started before it will have served another step and left`,
        "Put one more start-runner step before it, start more at once (--runners, --machines), or keep the runner: " +
          "start-runner --multi-step",
      )];
    }
    case "left at gate": {
      const gate = quoted(outcome.gate);
      return [finding(
        step.place,
        "fail",
        `${subject} finds no runner: it leaves when the pipeline waits at the manual «${gate}»`,
        "Start the runner behind the gate: make a start-runner step the manual one, and this step the next",
      )];
    }
    case "too early":
      return [earlyFinding(subject, step, outcome)];
    case "misfit":
      return misfitFindings(supply, outcome);
    case "nothing started":
      return nothingStarted(pipeline, supply);
  }
}

function earlyFinding(
  subject: string,
  step: PipelineStep,
  { runner, beside }: Extract<Outcome, { is: "too early" }>,
): PipelineFinding {
  const start = stepName(runner.step);
  const [when, where] = beside ? ["together with", "before that parallel"] : ["before", "before it"];
  return finding(
    step.place,
    "fail",
    `${subject} begins ${when} the one that starts its runner, ${start}`,
    `Put ${start} ${where}: while no runner is online, a step fails at once`,
  );
}

/** Without a label of ours, another runner of the repository may be meant. */
function nothingStarted(pipeline: NamedPipeline, { step, runsOn }: StepSupply): PipelineFinding[] {
  const ours = isOurs(runsOn);
  if (startCalls(step).length > 0) {
    const labels = labelLine(runsOn);
    return [finding(
      runsOn.place,
      ours ? "fail" : "warning",
      `${stepTitle(step)} starts a runner, but needs one itself: it is self-hosted by ${labels}`,
      "Let this step run in Bitbucket's cloud: ask for labels in the steps that need them, not under options",
    )];
  }
  return [finding(
    step.place,
    ours ? "fail" : "warning",
    `Nothing in ${pipelineTitle(pipeline)} starts a runner before ${stepName(step)}`,
    ours
      ? "Put a step before it that calls start-runner"
      : "Put a step before it that calls start-runner, unless a runner with these labels is always there",
  )];
}

function misfitFindings(
  { step, runsOn }: StepSupply,
  { runner, misfit, idle }: Extract<Outcome, { is: "misfit" }>,
): PipelineFinding[] {
  const severity = isOurs(runsOn) || idle ? "fail" : "warning";
  const [subject, labels] = [stepTitle(step), labelLine(runsOn)];
  if (misfit.wrongType) {
    const [asked, other] = runner.type === "shell" ? ["Linux Docker", "docker"] : ["Linux shell", "shell"];
    const started = `${stepName(runner.step)} starts a ${runner.type} runner`;
    return [finding(
      runsOn.place,
      severity,
      `${subject} is for a ${asked} runner, by its labels ${labels}, but ${started}`,
      `Write runs-on: ${readyLabels(runner)}, or start-runner --runner-type ${other}`,
    )];
  }
  const lacking = misfit.missing.map((label) => `«${quoted(label)}»`).join(", ");
  const first = runsOn.labels.find(({ text }) => misfit.missing.includes(text));
  return [finding(
    first?.place ?? runsOn.place,
    severity,
    `${subject} asks for ${lacking}, which no runner started before it has`,
    missingRemedy(first?.text ?? "", runner),
  )];
}

function missingRemedy(missing: string, runner: StartedRunner): string {
  const meant = closestWord(missing, runner.labelSets.flat().filter((label) => !hasPlaceholder(label)));
  if (meant !== undefined) return `Did you mean «${meant}»?`;
  const ready = readyLabels(runner);
  if (["arm64", "linux.arm64"].includes(missing)) {
    return `Start it on that architecture (--image, --environment-type), or write runs-on: ${ready}`;
  }
  const labels = [...runner.userLabels, missing].map(quoted).join(",");
  return `Write runs-on: ${ready}, or start-runner --label ${labels} in ${stepName(runner.step)}`;
}

/** What to write out; nobody knows beforehand what placeholders come to. */
function readyLabels({ labelSets: [labels = []] }: StartedRunner): string {
  return labelLine({ labels: labels.filter((text) => !hasPlaceholder(text)).map((text) => ({ text })) });
}

function labelLine({ labels }: { readonly labels: readonly { readonly text: string }[] }): string {
  return `[${labels.map(({ text }) => quoted(text)).join(", ")}]`;
}

/** Whether a step asks for the label that this project's runners have, and hardly others. */
function isOurs({ labels }: RunsOn): boolean {
  return labels.some(({ text }) => text === "codebuild");
}
