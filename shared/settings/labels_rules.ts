import { InvalidValue } from "./settings.ts";

/** Bitbucket's limits for runner labels. Source: Atlassian's documentation and the pipelines JSON schema. */
const LONGEST_LABEL = 50;
const MOST_CUSTOM_LABELS = 10;
/** `codebuild` and, on the shell runner, the architecture: labels of ours that count among the custom ones. */
const OWN_CUSTOM_LABELS = 2;

/** How many labels a user may add to those that every runner of this project carries. */
export const MOST_USER_LABELS = MOST_CUSTOM_LABELS - OWN_CUSTOM_LABELS;

/** Splits a comma-separated list; empty entries and repetitions are dropped. */
export function splitLabels(text: string): string[] {
  return [...new Set(text.split(",").map((label) => label.trim()).filter((label) => label !== ""))];
}

/** What is wrong with a user's labels, one sentence for each broken rule; empty when Bitbucket takes them. */
export function labelProblems(labels: readonly string[]): string[] {
  const problems = labels.flatMap((label) => {
    const rule = brokenRule(label);
    return rule === undefined ? [] : [`Label «${label}» ${rule}`];
  });
  return labels.length <= MOST_USER_LABELS ? problems : [
    ...problems,
    `There are ${labels.length} labels, but Bitbucket takes ${MOST_CUSTOM_LABELS} custom labels ` +
    `and up to ${OWN_CUSTOM_LABELS} are used already`,
  ];
}

/** A setting's parser for a comma-separated list of labels. */
export function labelList(text: string): string[] {
  const labels = splitLabels(text);
  const problems = labelProblems(labels);
  if (problems.length === 0) return labels;
  throw new InvalidValue(
    `up to ${MOST_USER_LABELS} comma-separated labels of lowercase letters, digits and dots, ` +
      `each of at most ${LONGEST_LABEL} characters (${problems.join("; ")})`,
  );
}

/** Whether Bitbucket takes the label as a custom one. */
export function isValidLabel(label: string): boolean {
  return brokenRule(label) === undefined;
}

function brokenRule(label: string): string | undefined {
  if (!/^[a-z0-9.]+$/.test(label)) return "has other characters than lowercase letters, digits and dots";
  if (label.length > LONGEST_LABEL) return `has more than ${LONGEST_LABEL} characters`;
  return undefined;
}
