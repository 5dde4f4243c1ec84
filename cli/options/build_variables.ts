import {
  HANDED_ON_VARIABLES,
  ownerOfVariable,
  type SET_VARIABLES,
} from "../../shared/settings/forwarded_variables.ts";
import { shortened } from "../../shared/program/plain_text.ts";
import type { StartValues } from "./options.ts";

/** A variable of the build, in plain text. */
export interface BuildVariable {
  readonly name: string;
  readonly value: string;
}

type SetVariable = typeof SET_VARIABLES[number];

/** StartBuild refuses a variable whose value is longer. Source: its own message, «at most 4096 characters». */
const LONGEST_VALUE = 4096;
const USER_PREFIX = "CODEBUILD_ENV_";

/**
 * The variables the build gets: the agent's own, those handed on from the step, and the user's. What is not set
 * here stays unset, so that the CodeBuild project's own value shows.
 */
export function buildVariables(
  values: StartValues,
  flags: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): { variables: BuildVariable[]; problems: string[] } {
  const own = present(ownVariables(values, flags, env));
  const handedOn = present(HANDED_ON_VARIABLES.map((name) => [name, env[name]]));
  const user = Object.entries(env).filter(([name]) => name.startsWith(USER_PREFIX))
    .map(([name, value]) => ({ name: name.slice(USER_PREFIX.length), value }));
  return {
    variables: [...own, ...handedOn, ...user],
    problems: [
      ...user.flatMap(({ name }) => userNameProblem(name)),
      ...[...own, ...handedOn].flatMap((variable) => lengthProblem(variable.name, variable.value)),
      ...user.flatMap(({ name, value }) => lengthProblem(`${USER_PREFIX}${name}`, value)),
    ],
  };
}

function ownVariables(
  values: StartValues,
  flags: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): [SetVariable, string | undefined][] {
  const { labels, multiStep, containerd } = values;
  return [
    ["WORKSPACE_UUID", values.workspaceUuid],
    ["REPO_UUID", values.repositoryUuid],
    ["PIPELINE_UUID", values.pipelineUuid],
    ["LAUNCHER_STEP_UUID", values.stepUuid],
    ["RUNNER_TYPE", values.runnerType],
    ["RUNNER_LABEL", labels?.join(",")],
    ["MULTI_STEP", multiStep?.toString()],
    ["DOCKER_CONTAINERD", containerd?.toString()],
    ["RUNNER_RELEASE_URL", flags["releaseUrl"] ?? env["RUNNER_RELEASE_URL"]],
    ["LOG_FORMAT", flags["logFormat"] ?? env["LOG_FORMAT"]],
  ];
}

function present(entries: readonly (readonly [string, string | undefined])[]): BuildVariable[] {
  return entries.flatMap(([name, value]) => value === undefined || value === "" ? [] : [{ name, value }]);
}

function userNameProblem(name: string): string[] {
  const variable = `${USER_PREFIX}${shortened(name)}`;
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    return [
      `Cannot use ${variable}: what follows ${USER_PREFIX} must be a variable's name of letters, digits and underscores`,
    ];
  }
  const owner = ownerOfVariable(name);
  return owner === undefined
    ? []
    : [`Cannot use ${variable}: ${name} belongs to ${owner}; choose another name`];
}

function lengthProblem(variable: string, value: string): string[] {
  if (value.length <= LONGEST_VALUE) return [];
  return [
    `Cannot hand on ${
      shortened(variable)
    }: CodeBuild takes values of at most ${LONGEST_VALUE} characters, this one has ` +
    `${value.length}; put it into Parameter Store or Secrets Manager and refer to it in the project's environment`,
  ];
}
