import {
  bitbucketSettings,
  CREDENTIALS_REMEDY,
  pickCredentials,
} from "../../shared/settings/bitbucket_settings.ts";
import { ConfigurationError } from "../../shared/program/errors.ts";
import type { LogFormat } from "../../shared/output/log.ts";
import { MOST_RUNNERS } from "../../shared/leftovers/runner_name.ts";
import { labelList } from "../../shared/settings/labels_rules.ts";
import { oneOf, text, uuid, wholeNumber, yesOrNo } from "../../shared/settings/parse_value.ts";
import { IDENTITY_VARIABLES, LONGEST_HOLD_MIN } from "../../shared/settings/forwarded_variables.ts";
import { parseIdentities, type RunnerIdentity } from "../../shared/settings/runner_identity.ts";
import { RUNNER_TYPES } from "../../shared/settings/runner_type.ts";
import { buildId, folderPath, imageName, unixTime } from "./agent_values.ts";
import { readSettings, type Setting } from "../../shared/settings/settings.ts";

/** Where the installers put the agent, and the phase scripts look for it. */
export const DEFAULT_RUNNER_HOME = "/runner";

/** Atlassian's runner image, in its public registry. */
export const DEFAULT_RUNNER_IMAGE =
  "docker-public.packages.atlassian.com/sox/atlassian/bitbucket-pipelines-runner:5.6.0";

/** Everything the agent reads, declared once; all of it comes from variables, since CodeBuild passes no flags. */
export const agentSettings = {
  workspaceUuid: {
    variables: ["WORKSPACE_UUID"],
    help: "Bitbucket workspace, with or without braces (start-runner sets it)",
    required: "the workspace's UUID",
    parse: uuid,
  },
  repositoryUuid: {
    variables: ["REPO_UUID"],
    help: "Bitbucket repository (start-runner sets it)",
    required: "the repository's UUID",
    parse: uuid,
  },
  pipelineUuid: {
    variables: ["PIPELINE_UUID"],
    help: "the pipeline the runner is for (start-runner sets it)",
    required: "the pipeline's UUID",
    parse: uuid,
  },
  launcherStep: {
    variables: ["LAUNCHER_STEP_UUID"],
    help: "the step that started the build (start-runner sets it)",
    parse: uuid,
  },
  runnerType: {
    variables: ["RUNNER_TYPE"],
    help: "shell or docker; default: what the installed bundle is for",
    parse: oneOf(...RUNNER_TYPES),
  },
  labels: {
    variables: ["RUNNER_LABEL"],
    help: "additional runner labels, separated by commas",
    parse: labelList,
    fallback: [] as readonly string[],
  },
  multiStep: {
    variables: ["MULTI_STEP"],
    help: "true: serve steps until the pipeline is over; false: one step",
    parse: yesOrNo,
    fallback: false,
  },
  runnerCount: {
    variables: ["RUNNER_COUNT"],
    help: `how many runners the build hosts, 1-${MOST_RUNNERS}`,
    parse: wholeNumber(1, MOST_RUNNERS, "runners"),
    fallback: 1,
  },
  ownPipelineOnly: {
    variables: ["RUNNER_OWN_PIPELINE_ONLY"],
    help: "true: leave after a step of another pipeline",
    parse: yesOrNo,
    fallback: false,
  },
  containerd: {
    variables: ["DOCKER_CONTAINERD"],
    help: "true: use Docker's containerd image store",
    parse: yesOrNo,
    fallback: false,
  },
  pollIntervalS: {
    variables: ["BITBUCKET_POLL_INTERVAL"],
    help: "shortest time between two looks at the pipeline, seconds, 1-600",
    parse: wholeNumber(1, 600, "seconds"),
    fallback: 10,
  },
  idleTimeoutMin: {
    variables: ["RUNNER_IDLE_TIMEOUT"],
    help: "minutes without a step before it leaves (30; 5 with RUNNER_IDENTITY); 0: never",
    parse: wholeNumber(0, 2160, "minutes"),
  },
  debugMinutes: {
    variables: ["RUNNER_DEBUG"],
    help: "minutes that a build which failed is held, so that somebody can look into it, 0-480",
    parse: wholeNumber(0, LONGEST_HOLD_MIN, "minutes"),
    fallback: 0,
  },
  lingerMin: {
    variables: ["RUNNER_LINGER"],
    help: "minutes it stays for a rerun after its pipeline has failed, 0-480",
    parse: wholeNumber(0, 480, "minutes"),
    fallback: 0,
  },
  runnerImage: {
    variables: ["RUNNER_IMAGE"],
    help: "image of the Docker runner, for a mirror or another version",
    parse: imageName,
    fallback: DEFAULT_RUNNER_IMAGE,
  },
  buildId: {
    variables: ["CODEBUILD_BUILD_ID"],
    help: "the build's id (CodeBuild sets it)",
    required: "the build's id, which CodeBuild sets in every build",
    example: "CODEBUILD_BUILD_ID=project:uuid",
    parse: buildId,
  },
  sourceFolder: {
    variables: ["CODEBUILD_SRC_DIR"],
    help: "the folder on the build's large disk (CodeBuild sets it)",
    parse: folderPath,
  },
  runnerHome: {
    variables: ["RUNNER_HOME"],
    help: "the folder the agent is installed in; its phase scripts set it",
    parse: folderPath,
    fallback: DEFAULT_RUNNER_HOME,
  },
  logFormat: {
    variables: ["LOG_FORMAT"],
    help: "text or json",
    parse: oneOf("text", "json"),
    fallback: "text" as LogFormat,
  },
  metrics: {
    variables: ["RUNNER_METRICS"],
    help: "true: write the build's times for CloudWatch's metrics when it ends",
    parse: yesOrNo,
    fallback: false,
  },
  repositoryName: {
    variables: ["RUNNER_REPOSITORY"],
    help: "the repository's name in these metrics; default: its UUID (start-runner sets it)",
    parse: text,
  },
  verbose: {
    variables: ["RUNNER_VERBOSE"],
    help: "true: say more, such as request counts and leftovers that are kept",
    parse: yesOrNo,
    fallback: false,
  },
  startedMs: {
    variables: ["CODEBUILD_START_TIME"],
    help: "when the build was accepted, in milliseconds since 1970 (CodeBuild sets it)",
    parse: unixTime,
  },
  identities: {
    variables: [IDENTITY_VARIABLES[0]],
    help: "the runners that start-runner has registered (--credentials runner)",
    parse: parseIdentities,
    fallback: [] as readonly RunnerIdentity[],
    secret: true,
  },
  furtherIdentities: {
    variables: [IDENTITY_VARIABLES[1]],
    help: "those of them that the first variable has no room for",
    parse: parseIdentities,
    fallback: [] as readonly RunnerIdentity[],
    secret: true,
  },
  ...bitbucketSettings,
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

export type AgentConfig = ReturnType<typeof readAgentConfig>;

/** How long a runner stays without a step unless it is told, in minutes: shorter where nothing tells what it waits for. */
const IDLE_TIMEOUT_MIN = { default: 30, withoutBitbucket: 5 };

/** Reads the agent's configuration. Throws `ConfigurationError` with all problems at once. */
export function readAgentConfig(env: Readonly<Record<string, string>>) {
  const { values: { furtherIdentities, ...values }, problems } = readSettings(agentSettings, {}, env);
  const { credentials, problems: credentialProblems } = pickCredentials(values, env);
  // Those that cannot be read have been complained about.
  const identities = problems.length > 0 ? [] : [...values.identities, ...furtherIdentities];
  const handedOver = IDENTITY_VARIABLES.some((name) => env[name]);
  const all = [
    ...problems,
    ...(handedOver ? identityProblems(identities, values.runnerCount) : credentialProblems),
  ];
  if (!handedOver && credentials === undefined && all.length === problems.length) {
    all.push(
      `Missing Bitbucket credentials: ${CREDENTIALS_REMEDY} in the pipeline or in the CodeBuild project`,
    );
  }
  if (all.length > 0) {
    throw new ConfigurationError(all, {
      hint:
        "start-runner sets these in the build; credentials may also stand in the CodeBuild project's environment",
    });
  }
  const [identity] = identities;
  const idleTimeoutMin = values.idleTimeoutMin ??
    (identity === undefined ? IDLE_TIMEOUT_MIN.default : IDLE_TIMEOUT_MIN.withoutBitbucket);
  return {
    ...values,
    idleTimeoutMin,
    /** One for each runner that start-runner has registered, in their order; none where the agent registers them. */
    identities,
    identity,
    // With an identity, the project's own are none of the runner's business.
    credentials: identity === undefined ? credentials : undefined,
    surplusCredentials: identity !== undefined && credentials !== undefined,
  };
}

/** Where the count is the project's own, start-runner has not seen it before the build. */
function identityProblems(identities: readonly RunnerIdentity[], runnerCount: number): string[] {
  const { length } = identities;
  return length === 0 || length >= runnerCount ? [] : [
    `Cannot host ${runnerCount} runners, as RUNNER_COUNT asks: start-runner has registered ${length}; give ` +
    `--runners ${runnerCount} to start-runner, since with --credentials runner the project's own RUNNER_COUNT comes too late`,
  ];
}
