import { CREDENTIAL_VARIABLES } from "../../shared/settings/bitbucket_settings.ts";
import {
  HANDED_ON_VARIABLES,
  MACHINE_VARIABLE,
  ownerOfVariable,
  type SET_VARIABLES,
} from "../../shared/settings/forwarded_variables.ts";
import { shortened } from "../../shared/output/plain_text.ts";
import type { StartValues } from "./options.ts";

/** A variable of the build: its value, or where CodeBuild finds that. */
export interface BuildVariable {
  readonly name: string;
  readonly value: string;
  readonly type: "PLAINTEXT" | "PARAMETER_STORE" | "SECRETS_MANAGER";
}

/** What is known of the step that asks for a build; on a laptop perhaps nothing. */
export type Origin = {
  readonly [K in OriginKey]?: string | undefined;
};

type OriginKey =
  | "workspaceUuid"
  | "repositoryUuid"
  | "pipelineUuid"
  | "stepUuid"
  | "repository"
  | "buildNumber";

type SetVariable = typeof SET_VARIABLES[number];

/** What tells the build of a machine from those that the same step starts beside it. */
export function machineVariables(number: number): BuildVariable[] {
  return number === 1 ? [] : [{ name: MACHINE_VARIABLE, value: `${number}`, type: "PLAINTEXT" }];
}

/** StartBuild refuses a variable whose value is longer. Source: its own message, «at most 4096 characters». */
export const LONGEST_VALUE = 4096;

/** How users name variables of the build: in plain text, or by where they are kept. */
const USER_PREFIXES = {
  CODEBUILD_ENV_: { type: "PLAINTEXT", allowed: /^/, expected: "" },
  CODEBUILD_SSM_: {
    type: "PARAMETER_STORE",
    allowed: /^(arn:aws[\w-]*:ssm:[\w-]+:\d{12}:parameter\/)?[\w./-]{1,1011}$/,
    expected: "the name or path of a parameter in Parameter Store, as in /bitbucket-runner/token",
  },
  CODEBUILD_SECRET_: {
    type: "SECRETS_MANAGER",
    allowed: /^(arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:)?[\w/+=.@-]{1,512}(:[^:\s]*){0,3}$/,
    expected:
      "the name or ARN of a secret in Secrets Manager, with :key where it holds several, as in my-secret:token",
  },
} as const;

type Env = Readonly<Record<string, string>>;

/**
 * The variables the build gets, those that hold secrets apart: the agent's own, the few handed on from the step, and the
 * user's. What is not set here stays unset, so that the CodeBuild project's own value shows.
 */
export function buildVariables(
  values: StartValues,
  flags: Env,
  env: Env,
): { variables: BuildVariable[]; problems: string[] } {
  const own = present(ownVariables(values, flags, env));
  const handedOn = present([...HANDED_ON_VARIABLES, ...values.handOn ?? []].map((name) => [name, env[name]]));
  const user = userVariables(env);
  return {
    variables: [...own, ...handedOn, ...user.map(({ variable }) => variable)],
    problems: [
      ...(values.handOn ?? []).filter((name) => !env[name]).map((name) =>
        `Cannot hand on ${name}, as --hand-on asks: it is not set in the step`
      ),
      ...user.flatMap(userProblems),
      ...sameNameProblems(user),
      ...[...own, ...handedOn].flatMap(({ name, value }) => lengthProblem(name, value)),
    ],
  };
}

/** The variables of a build that is no runner: where it comes from, and the user's, `given` ones before those of the environment. */
export function jobVariables(
  origin: Origin,
  given: readonly (readonly [name: string, value: string])[],
  env: Env,
): { variables: BuildVariable[]; problems: string[] } {
  const own = present(originVariables(origin));
  const names = new Set(given.map(([name]) => name));
  const fromEnv = userVariables(env).filter(({ variable }) => !names.has(variable.name));
  const flags = new Map(given);
  return {
    variables: [
      ...own,
      ...fromEnv.map(({ variable }) => variable),
      ...[...flags].map(([name, value]): BuildVariable => ({ name, value, type: "PLAINTEXT" })),
    ],
    problems: [
      ...fromEnv.flatMap(userProblems),
      ...sameNameProblems(fromEnv),
      ...[...flags].flatMap(([name, value]) => flagProblems(name, value)),
    ],
  };
}

/** The step's Bitbucket credentials as variables of the build. */
export function credentialVariables(env: Env): BuildVariable[] {
  return present(CREDENTIAL_VARIABLES.map((name) => [name, env[name]]));
}

/** Why CodeBuild would not take a variable of that length; empty when it would. */
export function lengthProblem(variable: string, value: string): string[] {
  if (value.length <= LONGEST_VALUE) return [];
  return [
    `Cannot hand on ${
      shortened(variable)
    }: CodeBuild takes values of at most ${LONGEST_VALUE} characters, this one has ` +
    `${value.length}; put it into Parameter Store or Secrets Manager and name it with CODEBUILD_SSM_ or CODEBUILD_SECRET_`,
  ];
}

function ownVariables(values: StartValues, flags: Env, env: Env): [SetVariable, string | undefined][] {
  const { labels, multiStep, runners, containerd, metrics, verbose } = values;
  return [
    ...originVariables(values),
    ["RUNNER_TYPE", values.runnerType],
    ["RUNNER_LABEL", labels?.join(",")],
    ["MULTI_STEP", multiStep?.toString()],
    ["RUNNER_COUNT", runners?.toString()],
    ["RUNNER_OWN_PIPELINE_ONLY", values.ownPipelineOnly?.toString()],
    ["RUNNER_LINGER", values.lingerMinutes?.toString()],
    ["DOCKER_CONTAINERD", containerd?.toString()],
    ["RUNNER_RELEASE_URL", flags["releaseUrl"] ?? env["RUNNER_RELEASE_URL"]],
    ["RUNNER_DEBUG", values.debugMinutes?.toString()],
    ["RUNNER_METRICS", metrics?.toString()],
    ["RUNNER_VERBOSE", verbose?.toString()],
    ["LOG_FORMAT", flags["logFormat"] ?? env["LOG_FORMAT"]],
  ];
}

/** Where a build comes from: UUIDs for programs, and the names by which people know them in a list of builds. */
function originVariables(values: Origin): [SetVariable, string | undefined][] {
  return [
    ["WORKSPACE_UUID", values.workspaceUuid],
    ["REPO_UUID", values.repositoryUuid],
    ["PIPELINE_UUID", values.pipelineUuid],
    ["LAUNCHER_STEP_UUID", values.stepUuid],
    ["RUNNER_REPOSITORY", values.repository],
    ["RUNNER_PIPELINE_NUMBER", values.buildNumber],
  ];
}

function present(entries: readonly (readonly [string, string | undefined])[]): BuildVariable[] {
  return entries.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [{ name, value, type: "PLAINTEXT" }]
  );
}

interface UserVariable {
  readonly variable: BuildVariable;
  readonly prefix: keyof typeof USER_PREFIXES;
}

function userVariables(env: Env): UserVariable[] {
  const prefixes = Object.keys(USER_PREFIXES) as (keyof typeof USER_PREFIXES)[];
  return Object.entries(env).flatMap(([name, value]) => {
    const prefix = prefixes.find((one) => name.startsWith(one));
    if (prefix === undefined) return [];
    return [{
      prefix,
      variable: { name: name.slice(prefix.length), value, type: USER_PREFIXES[prefix].type },
    }];
  });
}

function userProblems({ variable: { name, value }, prefix }: UserVariable): string[] {
  const variable = `${prefix}${shortened(name)}`;
  const wrong = nameProblem(variable, name, `what follows ${prefix}`);
  if (wrong !== undefined) return [wrong];
  const { allowed, expected } = USER_PREFIXES[prefix];
  if (!allowed.test(value)) {
    return [`Cannot use «${shortened(value)}» from ${variable}: it takes ${expected}`];
  }
  return lengthProblem(variable, value);
}

function flagProblems(name: string, value: string): string[] {
  const variable = `--env ${shortened(name)}`;
  const wrong = nameProblem(variable, name, "what stands before =");
  return wrong === undefined ? lengthProblem(variable, value) : [wrong];
}

function nameProblem(variable: string, name: string, where: string): string | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    return `Cannot use ${variable}: ${where} must be a variable's name of letters, digits and underscores`;
  }
  const owner = ownerOfVariable(name);
  return owner && `Cannot use ${variable}: ${name} belongs to ${owner}; choose another name`;
}

/** CodeBuild refuses a variable that is given twice; of one that nobody may give, that is said already. */
function sameNameProblems(user: readonly UserVariable[]): string[] {
  const names = user.map(({ variable }) => variable.name).filter((name) =>
    ownerOfVariable(name) === undefined
  );
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => {
    const given = user.filter(({ variable }) => variable.name === name).map(({ prefix }) =>
      `${prefix}${name}`
    );
    return `Cannot use ${given.join(" and ")} together: set one of them`;
  });
}
