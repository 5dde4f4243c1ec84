import { text, yesOrNo } from "../../shared/settings/parse_value.ts";
import { InvalidValue, SEPARATOR, type Setting } from "../../shared/settings/settings.ts";

/** The options of a start that is no runner's: any other build of the project. */
export const jobOptions = {
  noRunner: {
    flag: "--no-runner",
    variables: [],
    help: "run any other build of the project, and end with its exit code",
    parse: yesOrNo,
    fallback: false,
  },
  buildspec: {
    flag: "--buildspec <file>",
    variables: [],
    help: "the buildspec of that build; with --custom-buildspec the project's own runs",
    parse: text,
  },
  env: {
    flag: "--env <name=value>",
    variables: [],
    help: "sets a variable of that build, in plain text, so no secret; may be given several times",
    parse: nameAndValue,
    secret: true,
    repeatable: true,
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** Whether a start was asked for a build without a runner, or for what only such a build has. */
export function isJob(flags: Readonly<Record<string, string>>): boolean {
  return Object.keys(jobOptions).some((key) => flags[key] !== undefined);
}

/** Pairs of the form NAME=value; whether the name may be used is for others to say. */
function nameAndValue(value: string): [name: string, value: string][] {
  return value.split(SEPARATOR).map((pair) => {
    const at = pair.indexOf("=");
    if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
    throw new InvalidValue("NAME=value, and once for each variable");
  });
}
