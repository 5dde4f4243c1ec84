import { shortened } from "../../shared/output/plain_text.ts";
import { closestWord } from "../../shared/settings/closest_word.ts";
import { agentVariables, ownerOfVariable } from "../../shared/settings/forwarded_variables.ts";
import type { Setting } from "../../shared/settings/settings.ts";
import { startSettings } from "./options.ts";

/** What names of ours begin with, and nobody else's where they are close to one of ours. */
const PREFIXES = ["CODEBUILD_", "RUNNER_", "BITBUCKET_", "STARTUP", "MULTI", "CUSTOM_BUILD", "AWS_ROLE"];
/** How many letters may be wrong: as many as still leave no doubt. */
const MOST_WRONG = 2;

/** Variables that nothing reads and whose name is nearly that of one that is read, each with what was meant. */
export function misspeltVariables(env: Readonly<Record<string, string>>): string[] {
  const settings: readonly Setting<unknown>[] = Object.values(startSettings);
  const known = new Set([...settings.flatMap(({ variables }) => variables), ...agentVariables()]);
  return Object.keys(env).flatMap((name) => {
    const prefix = PREFIXES.find((one) => name.startsWith(one));
    if (prefix === undefined || known.has(name) || isSomebodys(name)) return [];
    const meant = closestWord(name, [...known].filter((one) => one.startsWith(prefix)), MOST_WRONG);
    return meant === undefined ? [] : [`Nothing reads ${shortened(name)}: did you mean ${meant}?`];
  });
}

/** Set by Bitbucket itself, or one that the build is to get. */
function isSomebodys(name: string): boolean {
  const owner = name.startsWith("CODEBUILD_") ? undefined : ownerOfVariable(name);
  return owner !== undefined || /^CODEBUILD_(?:ENV|SSM|SECRET)_/.test(name);
}
