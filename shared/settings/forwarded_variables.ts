import { CREDENTIAL_VARIABLES } from "./bitbucket_settings.ts";
import { isGuarded, PROJECTS_VARIABLES } from "./guarded_variables.ts";

/** The agent's settings that start-runner hands on as they are set in the step; nothing else of the step's is. */
export const HANDED_ON_VARIABLES: readonly string[] = [
  "BITBUCKET_POLL_INTERVAL",
  "RUNNER_IDLE_TIMEOUT",
  "API_TIMEOUT",
];

/** The variables that hold identities of runners, the second one where there are many. */
export const IDENTITY_VARIABLES = ["RUNNER_IDENTITY", "RUNNER_IDENTITY_2"] as const;
/** The one that holds all secrets which are handed on sealed. */
export const SEALED_VARIABLE = "RUNNER_SEALED";

/** The longest that a failed build may be held by RUNNER_DEBUG, in minutes: whoever looks into it has a working day. */
export const LONGEST_HOLD_MIN = 480;
/** Has the number of a build, from 2, that was started together with others. */
export const MACHINE_VARIABLE = "LAUNCHER_MACHINE";

/** What carries secrets to the build, in each mode of credentials. */
export const SECRET_VARIABLES: readonly string[] = [
  ...CREDENTIAL_VARIABLES,
  ...IDENTITY_VARIABLES,
  SEALED_VARIABLE,
];

/** Every variable that only the agent and its installer read, and no step. */
export function agentVariables(): string[] {
  return [...HANDED_ON_VARIABLES, ...PROJECTS_VARIABLES, ...SECRET_VARIABLES, ...SET_VARIABLES];
}

/** Variables of the agent that start-runner sets from its own options and from the step. */
export const SET_VARIABLES = [
  "WORKSPACE_UUID",
  "REPO_UUID",
  "PIPELINE_UUID",
  "LAUNCHER_STEP_UUID",
  MACHINE_VARIABLE,
  "RUNNER_REPOSITORY",
  "RUNNER_PIPELINE_NUMBER",
  "RUNNER_TYPE",
  "RUNNER_LABEL",
  "MULTI_STEP",
  "RUNNER_COUNT",
  "RUNNER_OWN_PIPELINE_ONLY",
  "RUNNER_LINGER",
  "DOCKER_CONTAINERD",
  "RUNNER_RELEASE_URL",
  "RUNNER_DEBUG",
  "RUNNER_METRICS",
  "RUNNER_VERBOSE",
  "LOG_FORMAT",
] as const;

/** What follows BITBUCKET_ in their names. */
const OF_A_STEP =
  "BOOKMARK BRANCH BUILD_NUMBER CLONE_DIR COMMIT DEPLOYMENT_ENVIRONMENT DEPLOYMENT_ENVIRONMENT_UUID " +
  "DOCKER_HOST_INTERNAL EXIT_CODE GIT_HTTP_ORIGIN GIT_SSH_ORIGIN PARALLEL_STEP PARALLEL_STEP_COUNT " +
  "PIPELINES_VARIABLES_PATH PIPELINE_UUID PR_DESTINATION_BRANCH PR_DESTINATION_COMMIT PR_ID " +
  "PROJECT_KEY PROJECT_UUID REPO_FULL_NAME REPO_IS_PRIVATE REPO_OWNER REPO_OWNER_UUID REPO_SLUG " +
  "REPO_UUID SSH_KEY_FILE STEP_OIDC_TOKEN STEP_RUN_NUMBER STEP_TRIGGERER_UUID STEP_UUID TAG WORKSPACE";

/**
 * Variables that Bitbucket Pipelines sets in every step. A runner brings its own for the steps it serves, so a
 * build-wide value of the same name could only mislead. Source: Bitbucket's documentation of variables, with
 * those seen in a real step that it does not list.
 */
const BITBUCKET_DEFAULT_VARIABLES: readonly string[] = [
  "CI",
  ...OF_A_STEP.split(" ").map((name) => `BITBUCKET_${name}`),
  "PIPELINES_JWT_TOKEN",
  "TEST_METADATA_FILE_PATH",
];

/** Who owns a variable that nobody may set through `CODEBUILD_ENV_…`; undefined when it is free. */
export function ownerOfVariable(name: string): string | undefined {
  if (BITBUCKET_DEFAULT_VARIABLES.includes(name)) return "Bitbucket Pipelines";
  if (agentVariables().includes(name)) return "the agent";
  if (isGuarded(name)) return "the CodeBuild project, since it decides what runs in the build";
  // CodeBuild reserves the prefix (user guide, build specification reference).
  return name.startsWith("CODEBUILD_") ? "CodeBuild" : undefined;
}
