import { shortened } from "../output/plain_text.ts";
import { isReserved, labelProblems, LABELS_TAKEN, LONGEST_LABEL, splitLabels } from "./labels_rules.ts";
import { InvalidValue } from "./settings.ts";

/** What of the step the placeholders stand for. */
export interface LabelValues {
  readonly pipelineUuid?: string | undefined;
  readonly commit?: string | undefined;
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
}

/** Each with a text as long as what it comes to; a branch may be cut to one letter. */
const STAND_INS = {
  "{pipeline}": `p${"0".repeat(32)}`,
  "{commit}": "0".repeat(40),
  "{branch}": "x",
} as const;
type Placeholder = keyof typeof STAND_INS;

const NAMES = Object.keys(STAND_INS) as Placeholder[];
const IN_BRACES = /\{[^{}]*\}/g;
/** What a placeholder may have come to. */
const SHAPES: Readonly<Record<Placeholder, RegExp>> = {
  "{pipeline}": /^p[0-9a-f]{32}$/,
  "{commit}": /^[0-9a-f]{40}$/,
  "{branch}": /^[a-z0-9.]+$/,
};

/** A setting's parser for a comma-separated list of labels with placeholders, which are checked as far as they can be unfilled. */
export function labelTemplates(text: string): string[] {
  const templates = splitLabels(text);
  const problems = templateProblems(templates);
  if (problems.length === 0) return templates;
  throw new InvalidValue(`${LABELS_TAKEN}, with ${listed("or")} in them (${problems.join("; ")})`);
}

/** What will be wrong with these labels whatever the step is; empty where nothing is. */
export function templateProblems(templates: readonly string[]): string[] {
  const unknown = templates.flatMap((template) =>
    placeholdersIn(template).filter((one) => !isPlaceholder(one)).map((one) =>
      `Label «${shortened(template)}» has «${shortened(one)}», but there are only ${listed("and")}`
    )
  );
  if (unknown.length > 0) return unknown;
  const filled = templates.map((template) =>
    template.replace(IN_BRACES, (one) => isPlaceholder(one) ? STAND_INS[one] : one)
  );
  return labelProblems(filled, templates);
}

/** Whether a label depends on the step that starts the runner. */
export function hasPlaceholder(label: string): boolean {
  return placeholdersIn(label).some(isPlaceholder);
}

/** The labels of a runner that this step starts, or why the step has none that Bitbucket takes. */
export function fillLabels(
  templates: readonly string[],
  values: LabelValues,
): { labels: string[]; problems: string[] } {
  const missing = [...new Set(templates.flatMap(placeholdersIn))].filter(isPlaceholder)
    .flatMap((placeholder) => missingProblem(placeholder, values));
  if (missing.length > 0) return { labels: [], problems: missing };
  const filled = templates.map((template) => fill(template, values));
  const problems = labelProblems(filled).map((problem) =>
    `Cannot use the labels of --label or RUNNER_LABEL, filled in: ${problem}`
  );
  return { labels: [...new Set(filled)], problems };
}

/** Whether a runner that is started with the template may carry the label. */
export function mayComeTo(template: string, label: string): boolean {
  const [placeholder, ...others] = placeholdersIn(template);
  if (placeholder === undefined || !isPlaceholder(placeholder)) return template === label;
  const before = template.slice(0, template.indexOf("{"));
  const behind = template.slice(template.lastIndexOf("}") + 1);
  if (!label.startsWith(before) || !label.endsWith(behind)) return false;
  const between = label.slice(before.length, label.length - behind.length);
  return (others.length === 0 ? SHAPES[placeholder] : SHAPES["{branch}"]).test(between);
}

function placeholdersIn(template: string): string[] {
  return template.match(IN_BRACES) ?? [];
}

function isPlaceholder(text: string): text is Placeholder {
  return Object.hasOwn(STAND_INS, text);
}

function listed(word: string): string {
  return `${NAMES.slice(0, -1).join(", ")} ${word} ${NAMES.at(-1)}`;
}

function missingProblem(placeholder: Placeholder, { commit, branch, tag }: LabelValues): string[] {
  const begin = `Cannot fill in ${placeholder} in --label or RUNNER_LABEL: `;
  // Without a pipeline, that is said by its own setting.
  if (placeholder === "{pipeline}") return [];
  if (placeholder === "{commit}") {
    return commit ? [] : [`${begin}BITBUCKET_COMMIT is not set, so use {pipeline}`];
  }
  if (!branch) {
    const why = tag ? `the pipeline is for the tag «${shortened(tag)}»` : "BITBUCKET_BRANCH is not set";
    return [`${begin}${why}, so use {commit} or {pipeline}`];
  }
  return legalBranch(branch, LONGEST_LABEL) !== "" ? [] : [
    `${begin}no letter or digit of a label is in the branch's name «${
      shortened(branch)
    }», so use {commit} or {pipeline}`,
  ];
}

/** Branches share the room that the rest of the label leaves. */
function fill(template: string, { pipelineUuid = "", commit = "", branch = "" }: LabelValues): string {
  const parts = template.replaceAll("{pipeline}", `p${pipelineUuid.replace(/[{}-]/g, "").toLowerCase()}`)
    .replaceAll("{commit}", commit).split("{branch}");
  const room = Math.floor((LONGEST_LABEL - parts.join("").length) / Math.max(1, parts.length - 1));
  const filled = parts.join(legalBranch(branch, room));
  const begins = parts.length > 1 && parts[0] === "";
  return begins && isReserved(filled) ? parts.join(legalBranch(`b.${branch}`, room)) : filled;
}

/** Lower case, with one dot in place of whatever else stands in it, and no longer than that. */
function legalBranch(branch: string, longest: number): string {
  const words = branch.toLowerCase().split(/[^a-z0-9]/).filter((word) => word !== "");
  return words.join(".").slice(0, Math.max(1, longest)).replace(/\.$/, "");
}
