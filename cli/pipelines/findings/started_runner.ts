import { mayComeTo } from "../../../shared/settings/label_placeholders.ts";
import { splitLabels } from "../../../shared/settings/labels_rules.ts";
import { runnerLabels } from "../../../shared/settings/runner_labels.ts";
import { valueOr } from "../../../shared/program/value_or.ts";
import { RUNNER_TYPES, type RunnerType } from "../../../shared/settings/runner_type.ts";
import { startOptions } from "../../options/options.ts";
import { imageNeeds } from "../../options/build_image.ts";
import { runnerCount } from "../../options/option_values.ts";
import type { PipelineStep, RunsOn } from "../pipeline_model.ts";
import type { Place } from "../yaml_node.ts";
import { type StartCall, startCalls } from "./start_calls.ts";

/** What a start has where the pipeline does not say: from the repository's variables and the CodeBuild project. */
export interface StartDefaults {
  readonly runnerType: RunnerType;
  /** `RUNNER_LABEL`, without those that every runner has. */
  readonly userLabels: readonly string[];
  readonly multiStep: boolean;
  readonly runners: number | "auto";
  readonly machines: number;
  /** Undefined where the project's is not known: then either will do. */
  readonly arch: "x86_64" | "arm64" | undefined;
}

/** A runner that a step of the pipeline starts; where its build hosts several, each of them. */
export interface StartedRunner {
  readonly step: PipelineStep;
  readonly call: StartCall;
  readonly place: Place;
  readonly type: RunnerType;
  /** As they are given, the illegal ones and those with placeholders too. */
  readonly userLabels: readonly string[];
  /** Its labels come of a variable whose value nobody knows here. */
  readonly hasUnknownLabels: boolean;
  /** What it may carry: one set for each architecture that it may have. */
  readonly labelSets: readonly (readonly string[])[];
  readonly multiStep: boolean;
  /** How many of them the call asks for. */
  readonly asked: AskedNumbers;
  /** How many come by the same call, this one among them. */
  readonly brought: number;
  /** The same for runners that may stand in for each other. */
  readonly kind: string;
}

/** How many runners each build hosts, and how many builds there are; undefined where the script does not say so plainly. */
export interface AskedNumbers {
  readonly runners: number | "auto" | undefined;
  readonly machines: number | undefined;
}

/** What keeps a runner from serving a step. */
export interface Misfit {
  /** Labels that it lacks. */
  readonly missing: readonly string[];
  /** The step is for runners of the other type. */
  readonly wrongType: boolean;
}

/** What a step starts, one runner for each call; calls with the same options are one. */
export function startedRunners(step: PipelineStep, defaults: StartDefaults): StartedRunner[] {
  const runners = startCalls(step).map((call) => startedRunner(step, call, defaults));
  return runners.filter((runner, index) =>
    runners.findIndex((other) => isSameBuild(runner, other)) === index
  );
}

function isSameBuild(one: StartedRunner, other: StartedRunner): boolean {
  const numbers = ({ call: { given } }: StartedRunner) => JSON.stringify([given.runners, given.machines]);
  return one.kind === other.kind && numbers(one) === numbers(other);
}

/** Why a runner does not serve a step with these labels; undefined where it does. */
export function misfit(runner: StartedRunner, { labels }: RunsOn): Misfit | undefined {
  const asked = labels.map(({ text }) => text);
  const [missing = []] = runner.labelSets.map((set) =>
    asked.filter((label) => !isCarried(label, set, runner))
  )
    .sort((a, b) => a.length - b.length);
  const wrongType = stepSystem(asked) !== runner.type && !asked.some(isTemplate);
  return missing.length === 0 && !wrongType ? undefined : { missing, wrongType };
}

/**
 * What kind of runner a step is for. Without a label that says otherwise it is a Linux Docker step. Source: «Configure your runner in
 * bitbucket-pipelines.yml» of Atlassian's documentation.
 */
export function stepSystem(labels: readonly string[]): RunnerType | "other" {
  if (labels.some((label) => /^(windows|macos)/.test(label))) return "other";
  return labels.includes("linux.shell") ? "shell" : "docker";
}

/** The runner of one call, or one of those that it brings. */
export function startedRunner(step: PipelineStep, call: StartCall, defaults: StartDefaults): StartedRunner {
  const { given, place } = call;
  const hasUnknownLabels = given.labels?.includes("$") === true;
  const type = RUNNER_TYPES.find((known) => known === given.runnerType) ?? defaults.runnerType;
  const userLabels = hasUnknownLabels
    ? []
    : given.labels === undefined
    ? defaults.userLabels
    : splitLabels(given.labels);
  return {
    step,
    call,
    place,
    type,
    userLabels,
    hasUnknownLabels,
    labelSets: architectures(given, defaults).map((arch) => runnerLabels(type, arch, userLabels)),
    asked: {
      runners: asked(given.runners, runnerCount, defaults.runners),
      machines: asked(given.machines, startOptions.machines.parse, defaults.machines),
    },
    multiStep: given.multiStep === undefined ? defaults.multiStep : !/^(false|0)$/.test(given.multiStep),
    brought: 1,
    kind: JSON.stringify([
      type,
      [...userLabels].sort(),
      given.labels?.includes("$") ? given.labels : "",
      machine(given),
    ]),
  };
}

/** What cannot be used is a finding of its own. */
function asked<T>(given: string | undefined, parse: (text: string) => T, otherwise: T): T | undefined {
  if (given === undefined) return otherwise;
  return given.includes("$") ? undefined : valueOr(otherwise, () => parse(given));
}

function machine({ image, environmentType, computeType }: StartCall["given"]): unknown {
  return [image, environmentType, computeType];
}

function architectures({ image, environmentType }: StartCall["given"], { arch }: StartDefaults): string[] {
  const type = environmentType ?? imageNeeds(image).environmentType;
  if (type !== undefined && !type.includes("$")) return [type.startsWith("ARM_") ? "arm64" : "x86_64"];
  return arch === undefined || image !== undefined ? ["x86_64", "arm64"] : [arch];
}

function isCarried(label: string, set: readonly string[], { hasUnknownLabels }: StartedRunner): boolean {
  if (set.includes(label) || isTemplate(label)) return true;
  if (/^(linux|windows|macos)/.test(label) || label === "arm64") return false;
  return hasUnknownLabels || set.some((own) => mayComeTo(own, label));
}

/** A template is filled in by Bitbucket, if it does so in labels: nobody knows with what. */
export function isTemplate(label: string): boolean {
  return label.includes("${{");
}
