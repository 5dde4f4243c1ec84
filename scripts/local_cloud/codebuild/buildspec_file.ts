import { parse } from "yaml";

export const PHASE_NAMES = ["install", "pre_build", "build", "post_build"] as const;
export type PhaseName = typeof PHASE_NAMES[number];

export interface BuildspecPhase {
  readonly commands: readonly string[];
  readonly finally: readonly string[];
  readonly onFailure: "ABORT" | "CONTINUE" | undefined;
}

export interface Buildspec {
  readonly shell: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly parameterStore: Readonly<Record<string, string>>;
  readonly secretsManager: Readonly<Record<string, string>>;
  readonly phases: Readonly<Record<PhaseName, BuildspecPhase>>;
}

/** A buildspec that cannot be used; CodeBuild reports it with the code YAML_FILE_ERROR. */
export class BuildspecError extends Error {}

/** Reads a buildspec of version 0.2. Source: the buildspec reference of CodeBuild's user guide. */
export function parseBuildspec(text: string | undefined): Buildspec {
  const root = mapping(parsedYaml(text), "buildspec");
  if (String(root["version"]) !== "0.2") {
    throw new BuildspecError("The local cloud runs buildspecs of version 0.2 only");
  }
  const env = mapping(root["env"], "env");
  const phases = mapping(root["phases"], "phases");
  const unknown = Object.keys(phases).find((name) => !PHASE_NAMES.includes(name as PhaseName));
  if (unknown !== undefined) throw new BuildspecError(`Unknown phase: ${unknown}`);
  if (PHASE_NAMES.every((name) => phases[name] === undefined)) {
    throw new BuildspecError("At least one phase must be given");
  }
  return {
    shell: String(env["shell"] ?? "sh"),
    variables: texts(env["variables"], "env.variables"),
    parameterStore: texts(env["parameter-store"], "env.parameter-store"),
    secretsManager: texts(env["secrets-manager"], "env.secrets-manager"),
    phases: {
      install: readPhase(phases["install"], "install"),
      pre_build: readPhase(phases["pre_build"], "pre_build"),
      build: readPhase(phases["build"], "build"),
      post_build: readPhase(phases["post_build"], "post_build"),
    },
  };
}

function parsedYaml(text: string | undefined): unknown {
  if (text === undefined || text.trim() === "") throw new BuildspecError("YAML file does not exist");
  try {
    return parse(text, { merge: true });
  } catch (error) {
    throw new BuildspecError(error instanceof Error ? error.message : String(error));
  }
}

function mapping(value: unknown, where: string): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new BuildspecError(`Expected a mapping at ${where}`);
}

function texts(value: unknown, where: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(mapping(value, where)).map(([name, text]) => [name, String(text)]),
  );
}

function readPhase(value: unknown, name: string): BuildspecPhase {
  const phase = mapping(value, name);
  return {
    commands: commands(phase["commands"], `${name}.commands`),
    finally: commands(phase["finally"], `${name}.finally`),
    onFailure: onFailure(phase["on-failure"], name),
  };
}

function commands(value: unknown, where: string): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return [value];
  if (Array.isArray(value) && value.every((command) => typeof command === "string")) return value;
  throw new BuildspecError(`Expected Commands[0] to be of string type at ${where}`);
}

/** RETRY and its forms need CodeBuild's own machinery; here the phase just fails. */
function onFailure(value: unknown, name: string): "ABORT" | "CONTINUE" | undefined {
  if (value === undefined) return undefined;
  if (value === "ABORT" || value === "CONTINUE") return value;
  if (String(value).startsWith("RETRY")) return "ABORT";
  throw new BuildspecError(`Unknown on-failure at ${name}: ${value}`);
}
