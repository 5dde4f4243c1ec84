import { flagName } from "../../../shared/settings/settings.ts";
import { startOptions } from "../../options/options.ts";
import type { PipelineStep } from "../pipeline_model.ts";
import type { Place } from "../yaml_node.ts";
import { assignment, shellCommands } from "./shell_commands.ts";

/** What of a start decides which steps its runners serve, how many there are, and what their machines are like. */
export const READ_OPTIONS = [
  "labels",
  "runnerType",
  "multiStep",
  "runners",
  "machines",
  "image",
  "environmentType",
  "computeType",
] as const;
export type ReadOption = typeof READ_OPTIONS[number];

/** A call of start-runner in a step's script. */
export interface StartCall {
  readonly place: Place;
  /** As the script has it, by a flag or a variable; undefined where it says nothing, `$` in it where it is not plain. */
  readonly given: Readonly<Partial<Record<ReadOption, string>>>;
  /** Whether the script brings credentials for AWS of its own. */
  readonly ownCredentials: boolean;
}

/** Programs that name start-runner without running it. */
const BYSTANDERS = [
  "echo",
  "printf",
  "which",
  "type",
  "command",
  "ls",
  "cat",
  "grep",
  "chmod",
  "cp",
  "mv",
  "curl",
];
/** What starts nothing. */
const IDLE_FLAGS = ["-h", "--help", "-V", "--version", "--dry-run", "--no-runner"];
const OWN_IMAGE = /(?:^|\/)aws-bitbucket-runner-(shell|docker)(?:[:@]|$)/;

/**
 * The calls of start-runner in a step: those in its script that are plainly written, or, where it has none but one of
 * start-runner's own images, the one that something in it will make.
 */
export function startCalls(step: PipelineStep): StartCall[] {
  const variables = new Map<string, string>();
  const imageType = OWN_IMAGE.exec(step.image?.text ?? "")?.[1];
  if (imageType !== undefined) variables.set("RUNNER_TYPE", imageType);
  const calls: StartCall[] = [];
  let named = false;
  for (const entry of step.script) {
    if (entry.kind !== "command") continue;
    for (const { assignments, words } of shellCommands(entry.text)) {
      const set = words[0] === "export" ? words.flatMap((word) => [assignment(word) ?? []]) : assignments;
      const at = BYSTANDERS.includes(words[0] ?? "") ? -1 : words.findIndex(isStartRunner);
      if (at === -1) {
        if (words.length === 0 || words[0] === "export") setAll(variables, set);
        continue;
      }
      named = true;
      const args = words.slice(at + 1);
      if (startsRunner(args)) calls.push(callOf(entry.place, args, setAll(new Map(variables), assignments)));
    }
  }
  return named || imageType === undefined ? calls : [callOf(step.place, [], variables)];
}

function isStartRunner(word: string): boolean {
  return word === "start-runner" || word.endsWith("/start-runner");
}

/** Any command but `start`, which may be left out, does something else. */
function startsRunner(args: readonly string[]): boolean {
  const [first = ""] = args;
  return (first === "start" || !/^[a-z]/.test(first)) && !args.some((word) => IDLE_FLAGS.includes(word));
}

function setAll(
  variables: Map<string, string>,
  set: readonly (readonly string[])[],
): Map<string, string> {
  for (const [name, value] of set) if (name !== undefined && value !== undefined) variables.set(name, value);
  return variables;
}

function callOf(place: Place, args: readonly string[], variables: ReadonlyMap<string, string>): StartCall {
  const given: Partial<Record<ReadOption, string>> = {};
  for (const option of READ_OPTIONS) {
    const text = flagText(option, args) ??
      startOptions[option].variables.map((name) => variables.get(name)).find((value) => value !== undefined);
    if (text !== undefined && text !== "") given[option] = text;
  }
  return {
    place,
    given,
    ownCredentials: ["AWS_ACCESS_KEY_ID", "AWS_PROFILE"].some((name) => variables.has(name)),
  };
}

/** The text after a flag; of a yes-or-no one that stands bare, `true`. */
function flagText(option: ReadOption, args: readonly string[]): string | undefined {
  const flag = flagName(startOptions[option]) ?? "";
  const at = args.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = args[at];
  if (word === undefined) return undefined;
  if (word !== flag) return word.slice(flag.length + 1);
  const next = args[at + 1];
  const isBare = next === undefined || next.startsWith("-");
  return option === "multiStep" && (isBare || !/^(true|false|1|0)$|\$/.test(next)) ? "true" : next;
}
