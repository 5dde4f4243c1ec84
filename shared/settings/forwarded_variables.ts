import { CREDENTIAL_VARIABLES } from "./bitbucket_settings.ts";

/** The agent's settings that start-runner hands on as they are set in the step; nothing else of the step's is. */
export const HANDED_ON_VARIABLES: readonly string[] = [
  "BITBUCKET_POLL_INTERVAL",
  "RUNNER_IDLE_TIMEOUT",
  "API_TIMEOUT",
];

/**
 * Where the build's secrets are sent, and what runs beside them: the project alone says so, or an option of start-runner
 * that names them and is seen in its log.
 */
export const PROJECTS_VARIABLES = [
  "BITBUCKET_API_URL",
  "BITBUCKET_OAUTH_TOKEN_URL",
  "RUNNER_IMAGE",
  "RUNNER_HOME",
] as const;
export type ProjectsVariable = typeof PROJECTS_VARIABLES[number];

/** The variable that holds a runner's identity, and the one that holds all secrets which are handed on sealed. */
export const IDENTITY_VARIABLE = "RUNNER_IDENTITY";
export const SEALED_VARIABLE = "RUNNER_SEALED";

/** What carries secrets to the build, in each mode of credentials. */
export const SECRET_VARIABLES: readonly string[] = [
  ...CREDENTIAL_VARIABLES,
  IDENTITY_VARIABLE,
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
  "RUNNER_TYPE",
  "RUNNER_LABEL",
  "MULTI_STEP",
  "DOCKER_CONTAINERD",
  "RUNNER_RELEASE_URL",
  "LOG_FORMAT",
] as const;

/**
 * Variables that Bitbucket Pipelines sets in every step. A runner brings its own for the steps it serves, so a
 * build-wide value of the same name could only mislead. Source: Bitbucket's documentation of variables, with
 * those seen in a real step that it does not list.
 */
const BITBUCKET_DEFAULT_VARIABLES: readonly string[] = [
  "CI",
  ...[
    "BOOKMARK",
    "BRANCH",
    "BUILD_NUMBER",
    "CLONE_DIR",
    "COMMIT",
    "DEPLOYMENT_ENVIRONMENT",
    "DEPLOYMENT_ENVIRONMENT_UUID",
    "DOCKER_HOST_INTERNAL",
    "EXIT_CODE",
    "GIT_HTTP_ORIGIN",
    "GIT_SSH_ORIGIN",
    "PARALLEL_STEP",
    "PARALLEL_STEP_COUNT",
    "PIPELINES_VARIABLES_PATH",
    "PIPELINE_UUID",
    "PR_DESTINATION_BRANCH",
    "PR_DESTINATION_COMMIT",
    "PR_ID",
    "PROJECT_KEY",
    "PROJECT_UUID",
    "REPO_FULL_NAME",
    "REPO_IS_PRIVATE",
    "REPO_OWNER",
    "REPO_OWNER_UUID",
    "REPO_SLUG",
    "REPO_UUID",
    "SSH_KEY_FILE",
    "STEP_OIDC_TOKEN",
    "STEP_RUN_NUMBER",
    "STEP_TRIGGERER_UUID",
    "STEP_UUID",
    "TAG",
    "WORKSPACE",
  ].map((name) => `BITBUCKET_${name}`),
  "PIPELINES_JWT_TOKEN",
  "TEST_METADATA_FILE_PATH",
];

/**
 * Variables by which programs of the build load other code, trust other servers or talk to another Docker: whoever sets
 * them for a build decides what the agent, its installer and the runner do. Sources: manuals of the dynamic linker, the
 * shells, curl, Git, Docker, Java, Node and Deno, and the AWS SDKs' reference guide; facts on Atlassian's runner.
 */
const LOADERS = new RegExp(
  `^(?:${
    [
      "PATH|SHELL|IFS|ENV|BASH_ENV|BASH_FUNC_.*|BASHOPTS|SHELLOPTS|PS4|PROMPT_COMMAND|CDPATH|HOME",
      "LD_.*|GCONV_PATH|GLIBC_TUNABLES|NLSPATH",
      "JAVA_HOME|CLASSPATH|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|LOGBACK_CONFIGURATION_FILE",
      "NODE_OPTIONS|NODE_PATH|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|NPM_CONFIG_.*|DENO_.*|DENORT_.*",
      "CURL_.*|SSL_CERT_.*|SSLKEYLOGFILE|OPENSSL_CONF|GIT_(?:CONFIG|SSH|SSL|PROXY|EXEC|TEMPLATE|ASKPASS|EXTERNAL).*",
      "DOCKER_(?:HOST|CONFIG|CONTEXT|CERT_PATH|TLS.*|URI)|PAUSE_IMAGE|AUTH_PROXY_IMAGE|CLONE_IMAGE",
      "AWS_(?:ENDPOINT_URL.*|IGNORE_CONFIGURED_.*|CONTAINER_.*|CA_BUNDLE|CONFIG_FILE|SHARED_CREDENTIALS_FILE)",
      "ACCOUNT_UUID|REPOSITORY_UUID|RUNNER_UUID|OAUTH_CLIENT_.*|RUNTIME|RUNTIME_PREREQUISITES_ENABLED",
      "WORKING_DIRECTORY|RUNNER_ENVIRONMENT",
    ].join("|")
  })$`,
  "i",
);

/** Who owns a variable that nobody may set through `CODEBUILD_ENV_…`; undefined when it is free. */
export function ownerOfVariable(name: string): string | undefined {
  if (BITBUCKET_DEFAULT_VARIABLES.includes(name)) return "Bitbucket Pipelines";
  if (agentVariables().includes(name)) return "the agent";
  if (LOADERS.test(name)) return "the CodeBuild project, since it decides what runs in the build";
  // CodeBuild reserves the prefix (user guide, build specification reference).
  return name.startsWith("CODEBUILD_") ? "CodeBuild" : undefined;
}
