import type { Answer } from "../../../shared/calls/bitbucket_call.ts";
import type { Trial } from "./findings.ts";
import { bodyOf, remark, type SeenRunner, succeeded } from "./read_answer.ts";

/** What is sent to register a runner. */
export interface RunnerToCreate {
  readonly name: string;
  readonly labels: readonly string[];
}

/** Names whose characters may not be legal, by what is special about them. */
export function nameTrials(prefix: string): Record<string, string> {
  return {
    "dot and underscore": `${prefix}a.b_c`,
    "space": `${prefix}a b`,
    "slash": `${prefix}a/b`,
    "umlaut": `${prefix}ä`,
  };
}

/**
 * Custom labels to try, by what is special about them. All hold `own`, which no step asks for, so that a runner that
 * is taken never matches one. Source of the rules tried: Bitbucket's front-end of 2021.
 */
export function labelTrials(own: string): Record<string, readonly string[]> {
  const numbered = (count: number) => Array.from({ length: count }, (_, index) => `${own}.${index}`);
  return {
    "ten, one of 50 characters": [own, ...numbered(8), own.padEnd(50, "x")],
    "eleven": [own, ...numbered(10)],
    "51 characters": [own, own.padEnd(51, "x")],
    "hyphen": [own, `${own}-x`],
    "upper case": [own, `${own}X`],
    "dot at its end": [own, `${own}.`],
    "two dots in a row": [own, `${own}..x`],
    "linuxfoo": [own, "linuxfoo"],
    "windowsfoo": [own, "windowsfoo"],
    "macosfoo": [own, "macosfoo"],
    "bitbucketfoo": [own, "bitbucketfoo"],
    "atlassianfoo": [own, "atlassianfoo"],
    "two OS labels": [own, "windows"],
  };
}

/** The trials that no grammar but the front-end's refuses. */
export const STRICT_TRIALS: readonly string[] = [
  "dot at its end",
  "two dots in a row",
  "linuxfoo",
  "windowsfoo",
  "macosfoo",
  "bitbucketfoo",
  "atlassianfoo",
  "two OS labels",
];

/** How a runner that was sent in a POST was taken; Bitbucket may refuse within a 200 by an `error` in the runner. */
export function judgeCreation(
  answer: Answer,
  sent: RunnerToCreate,
): Trial {
  if (!succeeded(answer)) return { outcome: "refused", note: remark(answer) };
  const { name, labels = [], error } = bodyOf<SeenRunner>(answer);
  if (error) {
    return { outcome: "refused", note: `${answer.status} with error ${error.key ?? error.message ?? ""}` };
  }
  if (name !== sent.name) return { outcome: "changed", note: `name ${name}` };
  const same = sent.labels.every((label) => labels.includes(label));
  return same ? { outcome: "taken", note: "" } : { outcome: "changed", note: `labels ${labels.join(", ")}` };
}
