import { shortened } from "../output/plain_text.ts";
import { InvalidValue } from "./settings.ts";

/** Bitbucket's limits for runner labels. Source: Atlassian's documentation and the pipelines JSON schema. */
export const LONGEST_LABEL = 50;
const MOST_CUSTOM_LABELS = 10;
/** `codebuild` and, on the shell runner, `arm64`: labels of ours that count among the custom ones. */
const OWN_CUSTOM_LABELS = 2;
/** Even without a dot after them. Source: the pattern in Bitbucket's own pages, which escapes no dot. */
const RESERVED = ["bitbucket", "atlassian", "linux", "windows", "macos"];

/** How many labels a user may add to those that every runner of this project carries. */
export const MOST_USER_LABELS = MOST_CUSTOM_LABELS - OWN_CUSTOM_LABELS;

/** When a label breaks a rule, and what is said of it then. Source: Bitbucket's own pages. */
const RULES: readonly { readonly broken: (label: string) => boolean; readonly words: string }[] = [
  {
    broken: (label) => !/^[a-z0-9.]*$/.test(label),
    words: "has other characters than lowercase letters, digits and dots",
  },
  {
    broken: (label) => /^\.|\.\.|\.$/.test(label),
    words: "has a dot that does not stand between two other characters",
  },
  { broken: (label) => label.length > LONGEST_LABEL, words: `has more than ${LONGEST_LABEL} characters` },
  {
    broken: isReserved,
    words: `begins with one of the words that Bitbucket reserves (${RESERVED.join(", ")})`,
  },
];

/** What a list of labels is, for messages. */
export const LABELS_TAKEN =
  `up to ${MOST_USER_LABELS} comma-separated labels of lowercase letters, digits and dots between them, ` +
  `each of at most ${LONGEST_LABEL} characters`;

/** Splits a comma-separated list; empty entries and repetitions are dropped. */
export function splitLabels(text: string): string[] {
  return [...new Set(text.split(",").map((label) => label.trim()).filter((label) => label !== ""))];
}

/** Whether a label begins with a word that is not for a user's own. */
export function isReserved(label: string): boolean {
  return RESERVED.some((word) => label.startsWith(word));
}

/**
 * What is wrong with a user's labels, one sentence for each broken rule; empty when Bitbucket takes them. `written` is how the
 * reader knows them.
 */
export function labelProblems(labels: readonly string[], written: readonly string[] = labels): string[] {
  const problems = labels.flatMap((label, index) =>
    RULES.filter(({ broken }) => broken(label)).map(({ words }) =>
      `Label «${shortened(written[index] ?? label)}» ${words}`
    )
  );
  return labels.length <= MOST_USER_LABELS ? problems : [
    ...problems,
    `There are ${labels.length} labels, but Bitbucket takes ${MOST_CUSTOM_LABELS} custom labels ` +
    `and up to ${OWN_CUSTOM_LABELS} are used already`,
  ];
}

/** A setting's parser for a comma-separated list of labels as a build has them: nobody fills in placeholders there. */
export function labelList(text: string): string[] {
  const labels = splitLabels(text);
  const problems = labelProblems(labels);
  if (problems.length === 0) return labels;
  const unfilled = labels.find((label) => /\{\w+\}/.test(label));
  const remedy = unfilled === undefined
    ? ""
    : `; start-runner alone fills in «${
      shortened(unfilled)
    }»: take it out of the project, and give --label in the step`;
  throw new InvalidValue(`${LABELS_TAKEN} (${problems.join("; ")}${remedy})`);
}
