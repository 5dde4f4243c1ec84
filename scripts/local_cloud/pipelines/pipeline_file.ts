import { parse } from "yaml";

/** A step as a bitbucket-pipelines.yml describes it. */
export interface StepDefinition {
  readonly name: string;
  /** The labels a runner must have; undefined for a step in Bitbucket's own cloud. */
  readonly runsOn: readonly string[] | undefined;
  readonly manual: boolean;
  readonly oidc: boolean;
  readonly script: readonly string[];
  readonly afterScript: readonly string[];
  /** Whether it begins with the repository's files. */
  readonly clones: boolean;
  readonly cloneDepth: CloneDepth;
  /** Patterns of the files that later steps get. */
  readonly artifacts: readonly string[];
  /** Whether it gets the artifacts of the steps before it. */
  readonly takesArtifacts: boolean;
  /** Of the steps of a group, one runs at a time. */
  readonly concurrencyGroup: string | undefined;
  /** Runs last, even when steps before it failed or the pipeline was stopped. */
  readonly final: boolean;
  /** Whether its failure stops the steps beside it. */
  readonly failFast: boolean;
  readonly maxTimeMinutes: number;
  /** The environment that it deploys to. */
  readonly deployment: string | undefined;
  /** Patterns of files: without a change in one of them, the step is not to run. */
  readonly changesets: readonly string[] | undefined;
  /** It does not run; the pipeline goes on. */
  readonly skipped: boolean;
}

/** How many commits a clone has. */
export type CloneDepth = number | "full";

/** One place in a pipeline's order: a step, or several that run side by side. */
export type PipelineItem = readonly StepDefinition[];

/** Reads the default pipeline of a bitbucket-pipelines.yml, or the custom one of the given name. */
export function parsePipelineFile(text: string, customName?: string): PipelineItem[] {
  const root = mapping(parse(text, { merge: true }));
  const pipelines = mapping(root["pipelines"]);
  const chosen = customName === undefined ? pipelines["default"] : mapping(pipelines["custom"])[customName];
  if (!Array.isArray(chosen)) {
    throw new Error(`Cannot run pipeline: ${customName ?? "default"} is not in the file`);
  }
  const globalLabels = labels(mapping(root["options"])["runs-on"]);
  let number = 0;
  const step = (value: unknown) => readStep(mapping(value), `Step ${++number}`, globalLabels);
  const items = chosen.flatMap((item) => readItem(mapping(item), step));
  if (items[0]?.some((first) => first.manual)) {
    throw new Error("Cannot run pipeline: the first step cannot have a manual trigger");
  }
  return items;
}

function readItem(item: Record<string, unknown>, step: (value: unknown) => StepDefinition): PipelineItem[] {
  if (item["step"] !== undefined) return [[step(item["step"])]];
  if (item["final"] !== undefined) return [[{ ...step(item["final"]), final: true }]];
  if (item["stage"] !== undefined) return steps(mapping(item["stage"])["steps"]).map((one) => [step(one)]);
  const parallel = item["parallel"];
  if (parallel === undefined) return [];
  return [steps(Array.isArray(parallel) ? parallel : mapping(parallel)["steps"]).map(step)];
}

function steps(value: unknown): unknown[] {
  return Array.isArray(value) ? value.map((item) => mapping(item)["step"]) : [];
}

function readStep(
  step: Record<string, unknown>,
  name: string,
  globalLabels: readonly string[] | undefined,
): StepDefinition {
  const script = commands(step["script"]);
  if (script.length === 0) throw new Error(`Cannot run pipeline: ${name} has no script`);
  return {
    name: String(step["name"] ?? name),
    runsOn: labels(step["runs-on"]) ?? globalLabels,
    manual: step["trigger"] === "manual",
    oidc: step["oidc"] === true || typeof step["oidc"] === "object",
    script,
    afterScript: commands(step["after-script"]),
    clones: mapping(step["clone"])["enabled"] !== false,
    cloneDepth: 50,
    artifacts: texts(step["artifacts"]),
    takesArtifacts: true,
    concurrencyGroup: step["concurrency-group"] === undefined ? undefined : String(step["concurrency-group"]),
    final: false,
    failFast: false,
    maxTimeMinutes: 120,
    deployment: undefined,
    changesets: undefined,
    skipped: false,
  };
}

/** A command is a text; pipes, which are mappings, do not run here. */
function commands(value: unknown): string[] {
  return texts(value);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function labels(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

function mapping(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}
