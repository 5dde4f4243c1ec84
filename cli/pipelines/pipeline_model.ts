import type { FileProblem, Place, PlacedText } from "./yaml_node.ts";

/** What is known of a bitbucket-pipelines.yml. */
export interface PipelinesFile {
  /** In the order of the file. */
  readonly problems: readonly FileProblem[];
  readonly pipelines: readonly NamedPipeline[];
  readonly options: GlobalOptions;
  /** The keys of the file's top level. */
  readonly places: Places;
  readonly definedCaches: readonly PlacedText[];
  readonly definedServices: readonly PlacedText[];
}

/** Where each key of a mapping stands, by its name; unknown keys too. */
export type Places = Readonly<Record<string, Place>>;

/** What `options` says for all steps; steps have it already. */
export interface GlobalOptions {
  readonly docker: boolean;
  readonly maxTime: number | undefined;
  readonly size: string | undefined;
  readonly runsOn: RunsOn | undefined;
  readonly places: Places;
}

/** The keys of `pipelines`. Bookmarks are those of Mercurial, gone since 2020. */
export const SELECTORS = ["default", "branches", "tags", "bookmarks", "pull-requests", "custom"] as const;
export type Selector = typeof SELECTORS[number];

/** One pipeline of the file: the default one, one for a pattern, or a custom one by its name. */
export interface NamedPipeline {
  readonly selector: Selector;
  /** The glob pattern, or the custom pipeline's name; empty for `default`. */
  readonly pattern: string;
  readonly place: Place;
  readonly items: readonly PipelineItem[];
  /** What a custom pipeline asks for. */
  readonly variables: readonly PipelineVariable[];
  /** Where the pipeline comes from another file; it has no items then. */
  readonly import: PlacedText | undefined;
}

export interface PipelineVariable {
  readonly name: string;
  readonly place: Place;
  readonly default: string | undefined;
  /** Empty where any value will do. */
  readonly allowedValues: readonly string[];
  readonly description: string | undefined;
}

/** One place in a pipeline's order. Only the steps of a `parallel` run side by side. */
export type PipelineItem =
  | { readonly kind: "step"; readonly place: Place; readonly step: PipelineStep }
  | { readonly kind: "final"; readonly place: Place; readonly step: PipelineStep }
  | {
    readonly kind: "parallel";
    readonly place: Place;
    readonly steps: readonly PipelineStep[];
    readonly failFast: boolean;
    readonly places: Places;
  }
  | PipelineStage;

export interface PipelineStage {
  readonly kind: "stage";
  readonly place: Place;
  readonly name: string | undefined;
  readonly steps: readonly PipelineStep[];
  readonly trigger: PlacedText | undefined;
  readonly deployment: PlacedText | undefined;
  readonly condition: StepCondition | undefined;
  readonly places: Places;
}

/** The labels a runner must have, all of them. */
export interface RunsOn {
  readonly labels: readonly PlacedText[];
  readonly place: Place;
}

/** A step, with what `options` and the top level say for all steps where it says nothing itself. */
export interface PipelineStep {
  /** `Step 3` where it has none. */
  readonly name: string;
  /** Where the pipeline names it: of an alias, the alias. */
  readonly place: Place;
  /** Where each of its own keys stands. */
  readonly places: Places;
  /** Undefined for a step in Bitbucket's own cloud. */
  readonly runsOn: RunsOn | undefined;
  readonly oidc: boolean;
  /** Who the step's token is for, besides the workspace; empty where it does not say. */
  readonly audiences: readonly string[];
  readonly trigger: PlacedText | undefined;
  readonly script: readonly ScriptEntry[];
  readonly afterScript: readonly ScriptEntry[];
  readonly artifacts: StepArtifacts;
  readonly caches: readonly PlacedText[];
  readonly services: readonly PlacedText[];
  /** The image's name alone. */
  readonly image: PlacedText | undefined;
  readonly size: PlacedText | undefined;
  /** In minutes. */
  readonly maxTime: number | undefined;
  /** `deployment`, or `environment`. */
  readonly deployment: PlacedText | undefined;
  readonly concurrencyGroup: string | undefined;
  readonly clone: StepClone;
  readonly condition: StepCondition | undefined;
  readonly failFast: boolean;
  /** Of Bitbucket's cloud, as in `3`. */
  readonly runtimeVersion: PlacedText | undefined;
  /** `pipeline` for a step that starts a pipeline of its own. */
  readonly type: string | undefined;
  /** The custom pipeline that a step of type `pipeline` starts. */
  readonly custom: PlacedText | undefined;
  readonly inputVariables: Readonly<Record<string, string>>;
}

/** A command may have several lines. */
export type ScriptEntry =
  | { readonly kind: "command"; readonly text: string; readonly place: Place }
  | {
    readonly kind: "pipe";
    readonly name: string;
    readonly place: Place;
    /** A list's values are joined by blanks. */
    readonly variables: Readonly<Record<string, string>>;
  }
  | { readonly kind: "agent"; readonly name: string; readonly place: Place };

export interface StepArtifacts {
  /** Patterns of the files that later steps get, those of `upload` among them. */
  readonly paths: readonly PlacedText[];
  /** Whether it begins with the artifacts of the steps before, or with which of them by name. */
  readonly download: boolean | readonly string[];
}

export interface StepClone {
  readonly enabled: boolean;
  readonly depth: number | "full" | undefined;
  readonly lfs: boolean;
}

/** A step without a match is left out. */
export interface StepCondition {
  readonly place: Place;
  /** It runs if one of the changed files matches one of these; empty where it does not say. */
  readonly includePaths: readonly string[];
  /** It does not run if all changed files match one of these. */
  readonly excludePaths: readonly string[];
  /** An expression. */
  readonly state: string | undefined;
}

/** A pipeline's items with the steps of each: one, or those of a group or a stage. */
export function stepsOfItem(item: PipelineItem): readonly PipelineStep[] {
  return "step" in item ? [item.step] : item.steps;
}
