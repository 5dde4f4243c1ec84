import {
  type NamedPipeline,
  type PipelineItem as FileItem,
  type PipelineStep,
  type ScriptEntry,
  type StepCondition,
} from "../../../cli/pipelines/pipeline_model.ts";
import { readPipelines } from "../../../cli/pipelines/pipelines_file.ts";

/** A step as a bitbucket-pipelines.yml describes it, and as it is run. */
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
  /** Which changed files it runs for. */
  readonly condition: StepCondition | undefined;
  /** It does not run; the pipeline goes on. */
  readonly skipped: boolean;
}

/** How many commits a clone has. */
export type CloneDepth = number | "full";

/** One place in a pipeline's order: a step, or several that run side by side. */
export type PipelineItem = readonly StepDefinition[];

/** Reads the default pipeline of a bitbucket-pipelines.yml, or the custom one of the given name. Throws for a file with an error. */
export function parsePipelineFile(text: string, customName?: string): PipelineItem[] {
  const { problems, pipelines } = readPipelines(text);
  const [error] = problems.filter(({ severity }) => severity === "error");
  if (error !== undefined) {
    throw new Error(`Cannot run pipeline: line ${error.line}, column ${error.column}: ${error.message}`);
  }
  const selector = customName === undefined ? "default" : "custom";
  const chosen = pipelines.find((one) => one.selector === selector && one.pattern === (customName ?? ""));
  if (chosen === undefined) {
    throw new Error(`Cannot run pipeline: ${customName ?? "default"} is not in the file`);
  }
  return pipelineItems(chosen);
}

/** A pipeline in the order in which it runs. Throws for one that Bitbucket does not begin. */
export function pipelineItems(pipeline: NamedPipeline): PipelineItem[] {
  if (pipeline.import !== undefined) {
    throw new Error(`Cannot run pipeline: it is imported from ${pipeline.import.text}, which is not here`);
  }
  const items = pipeline.items.flatMap(itemsOf);
  if (items.length === 0) throw new Error("Cannot run pipeline: it has no steps");
  if (items[0]?.some((first) => first.manual)) {
    throw new Error("Cannot run pipeline: the first step cannot have a manual trigger");
  }
  return items;
}

function itemsOf(item: FileItem): PipelineItem[] {
  switch (item.kind) {
    case "step":
      return [[stepDefinition(item.step)]];
    case "final":
      return [[{ ...stepDefinition(item.step), final: true }]];
    case "parallel":
      return [item.steps.map((step) => ({
        ...stepDefinition(step),
        failFast: step.places["fail-fast"] === undefined ? item.failFast : step.failFast,
      }))];
    case "stage":
      return item.steps.map((step, index) => {
        const own = stepDefinition(step);
        return [{
          ...own,
          manual: own.manual || (index === 0 && item.trigger?.text === "manual"),
          deployment: item.deployment?.text ?? own.deployment,
          condition: item.condition ?? own.condition,
        }];
      });
  }
}

function stepDefinition(step: PipelineStep): StepDefinition {
  return {
    name: step.name,
    runsOn: step.runsOn?.labels.map(({ text }) => text),
    manual: step.trigger?.text === "manual",
    oidc: step.oidc,
    script: commands(step),
    afterScript: step.afterScript.map(command),
    clones: step.clone.enabled,
    cloneDepth: step.clone.depth ?? DEFAULT_DEPTH,
    artifacts: step.artifacts.paths.map(({ text }) => text),
    takesArtifacts: step.artifacts.download !== false,
    concurrencyGroup: step.concurrencyGroup,
    final: false,
    failFast: false,
    maxTimeMinutes: step.maxTime ?? DEFAULT_MAX_TIME,
    deployment: step.deployment?.text,
    condition: step.condition,
    skipped: false,
  };
}

/** Bitbucket's own, in commits and in minutes. Source: «Git clone behavior» and «Global options» of Atlassian's documentation. */
const DEFAULT_DEPTH = 50;
const DEFAULT_MAX_TIME = 120;

function commands({ script, type, custom }: PipelineStep): string[] {
  return type === "pipeline" ? [notRun(`pipeline ${custom?.text ?? ""}`)] : script.map(command);
}

function command(entry: ScriptEntry): string {
  return entry.kind === "command" ? entry.text : notRun(`${entry.kind} ${entry.name}`);
}

function notRun(what: string): string {
  return `echo '${what.replaceAll("'", "")} is not run by the local cloud'`;
}
