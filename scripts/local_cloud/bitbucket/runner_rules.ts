import type { PlatformAnswers } from "../pipelines/platform_answers.ts";

/** What is wrong with a property of a request. */
export interface BadProperty {
  readonly property: string;
  readonly problem: string;
}

const LONGEST_LABEL = 50;
const MOST_CUSTOM_LABELS = 10;
const OS_LABELS: readonly string[] = ["linux", "linux.arm64", "linux.shell", "macos", "windows"];
/** The front-end's pattern leaves the dot after each unescaped, so that «linuxfoo» is refused like «linux.foo». */
const RESERVED_BEGINNING = /^(bitbucket|atlassian|linux|windows|macos)./;

/** What is wrong with a runner's name, if anything. Only these characters are known to work. */
export function nameProblem(name: unknown, { longestName }: PlatformAnswers): BadProperty | undefined {
  if (typeof name !== "string" || name === "") return { property: "name", problem: "required" };
  if (name.length > longestName) return { property: "name", problem: `at most ${longestName} characters` };
  if (/^[\w.-]+$/.test(name)) return undefined;
  return { property: "name", problem: "only letters, digits, «.», «_» and «-»" };
}

/** What is wrong with a runner's labels, if anything. Source: Bitbucket's own front-end. */
export function labelsProblem(labels: unknown, { labelGrammar }: PlatformAnswers): BadProperty | undefined {
  const problem = labelGrammar === "strict" ? strictProblem(labels) : looseProblem(labels);
  return problem === undefined ? undefined : { property: "labels", problem };
}

function looseProblem(labels: unknown): string | undefined {
  if (!Array.isArray(labels) || labels.length < 1) return "required";
  const bad = labels.find((label) => typeof label !== "string" || !/^[a-z0-9.]{1,50}$/.test(label));
  if (bad !== undefined) {
    return `${bad} is not made of up to ${LONGEST_LABEL} lowercase letters, digits and dots`;
  }
  const custom = labels.filter((label) => label !== "self.hosted" && !OS_LABELS.includes(label));
  return custom.length > MOST_CUSTOM_LABELS ? `at most ${MOST_CUSTOM_LABELS} of your own` : undefined;
}

function strictProblem(labels: unknown): string | undefined {
  const problem = looseProblem(labels);
  if (problem !== undefined) return problem;
  const given = labels as readonly string[];
  const broken = given.find((label) => !/^[a-z0-9]+(\.?[a-z0-9])*$/.test(label));
  if (broken !== undefined) return `${broken} has a dot in a wrong place`;
  if (given.filter((label) => OS_LABELS.includes(label)).length > 1) return "at most one operating system";
  const reserved = given.find((label) => RESERVED_BEGINNING.test(label) && !OS_LABELS.includes(label));
  return reserved === undefined ? undefined : `${reserved} has a reserved beginning`;
}
