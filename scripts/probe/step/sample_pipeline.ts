import { labelProblems } from "../../../shared/settings/labels_rules.ts";

/** Outlasts everything that is looked at while it runs. */
const WORK_S = 90;

export interface SamplePipeline {
  /** A label of the probe's runner that no other step asks for. */
  readonly label: string;
  /** The branch it runs on; the runner carries it as a label, to tell whether a template becomes one. */
  readonly branch: string;
}

/** Names of the two steps: one that works for a while, and one whose label is a template. */
export function stepNames({ label }: SamplePipeline): { work: string; template: string } {
  return { work: `${label} works`, template: `${label} template` };
}

/** The pipeline as a bitbucket-pipelines.yml. Its steps need no clone, and one at a time takes the runner. */
export function samplePipeline(sample: SamplePipeline): string {
  const { work, template } = stepNames(sample);
  const steps = [
    stepLines(work, [sample.label], `sleep ${WORK_S}`),
    ...(labelProblems([sample.branch]).length === 0
      ? [stepLines(template, [sample.label, "'${{BITBUCKET_BRANCH}}'"], "true")]
      : []),
  ];
  return ["pipelines:", "  default:", "    - parallel:", ...steps.flat(), ""].join("\n");
}

function stepLines(name: string, labels: readonly string[], command: string): string[] {
  return [
    "        - step:",
    `            name: ${name}`,
    `            runs-on: [self.hosted, linux.shell, ${labels.join(", ")}]`,
    "            clone: { enabled: false }",
    `            script: ["${command}"]`,
  ];
}
