import { labelTemplates } from "../../shared/settings/label_placeholders.ts";
import { bitbucketSettings } from "../../shared/settings/bitbucket_settings.ts";
import { MOST_USER_LABELS } from "../../shared/settings/labels_rules.ts";
import { LONGEST_HOLD_MIN } from "../../shared/settings/forwarded_variables.ts";
import { PROJECTS_VARIABLES } from "../../shared/settings/guarded_variables.ts";
import { oneOf, webUrl, wholeNumber, yesOrNo } from "../../shared/settings/parse_value.ts";
import { RUNNER_TYPES } from "../../shared/settings/runner_type.ts";
import { MOST_RUNNERS } from "../../shared/leftovers/runner_name.ts";
import type { Setting, SettingValues } from "../../shared/settings/settings.ts";
import { VERSION } from "../../shared/program/version.ts";
import { ENVIRONMENT_TYPES } from "./build_image.ts";
import { CREDENTIALS_MODES } from "./credentials_mode.ts";
import {
  buildImage,
  computeType,
  filePath,
  fleetNameOrArn,
  kmsKey,
  projectName,
  projectsVariables,
  regionName,
  roleArn,
  runnerCount,
} from "./option_values.ts";
import { stepVariables } from "./step_variables.ts";

type SettingTable = Readonly<Record<string, Setting<unknown>>>;

const RELEASES = "https://github.com/westito/aws-bitbucket-runner/releases/download";
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** Half of the runners that a repository holds, and fewer than BatchGetBuilds takes ids. */
export const MOST_MACHINES = 50;

/** The options of the command line. Flags, help and README are made of this table. */
export const startOptions = {
  project: {
    flag: "-p, --project <name>",
    variables: ["CODEBUILD_PROJECT"],
    help: "CodeBuild project name (required)",
    parse: projectName,
    required: "the CodeBuild project to start",
    example: "--project bitbucket-runner",
  },
  region: {
    flag: "-r, --region <region>",
    variables: ["CODEBUILD_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
    help: "AWS region (required)",
    parse: regionName,
    required: "the AWS region of the project",
    example: "--region eu-west-1",
  },
  role: {
    flag: "--role <arn>",
    variables: ["AWS_ROLE_ARN"],
    help: "IAM role to assume with the step's OIDC token",
    parse: roleArn,
  },
  runnerType: {
    flag: "--runner-type <type>",
    variables: ["RUNNER_TYPE"],
    help: "shell or docker",
    parse: oneOf(...RUNNER_TYPES),
    fallback: "shell",
  },
  timeoutMinutes: {
    flag: "--timeout <minutes>",
    variables: ["CODEBUILD_TIMEOUT"],
    help: "build timeout, 5-2160 (default: the project's)",
    parse: wholeNumber(5, 2160, "minutes"),
  },
  queuedTimeoutMinutes: {
    flag: "--queued-timeout <minutes>",
    variables: ["CODEBUILD_QUEUED_TIMEOUT"],
    help: "how long the build may wait in the queue, 5-480 (default: the project's)",
    parse: wholeNumber(5, 480, "minutes"),
  },
  computeType: {
    flag: "--compute-type <type>",
    variables: ["CODEBUILD_COMPUTE_TYPE"],
    help:
      "small, medium, large, xlarge, 2xlarge or the long form, as in BUILD_GENERAL1_SMALL (default: the project's)",
    parse: computeType,
  },
  image: {
    flag: "--image <image>",
    variables: ["CODEBUILD_IMAGE"],
    help: "build image (default: the project's)",
    parse: buildImage,
  },
  environmentType: {
    flag: "--environment-type <type>",
    variables: ["CODEBUILD_ENVIRONMENT_TYPE"],
    help: `${
      ENVIRONMENT_TYPES.join(", ")
    } (default: derived from --image for AWS's own images, else the project's)`,
    parse: oneOf(...ENVIRONMENT_TYPES),
  },
  fleet: {
    flag: "--fleet <fleet>",
    variables: ["CODEBUILD_FLEET"],
    help: "name or ARN of a fleet of reserved machines that the build is to run on (default: the project's)",
    parse: fleetNameOrArn,
  },
  startupTimeoutS: {
    flag: "--startup-timeout <seconds>",
    variables: ["STARTUP_TIMEOUT"],
    help: "how long to wait for the runner once the build has left CodeBuild's queue",
    parse: wholeNumber(1, NO_LIMIT, "seconds"),
    fallback: 600,
  },
  capacityTimeoutS: {
    flag: "--capacity-timeout <seconds>",
    variables: ["CODEBUILD_CAPACITY_TIMEOUT"],
    help: "how long to go on retrying at a concurrent-build limit, or while StartBuild is throttled",
    parse: wholeNumber(0, NO_LIMIT, "seconds"),
    fallback: 1800,
  },
  containerd: {
    flag: "--containerd [true|false]",
    variables: ["DOCKER_CONTAINERD"],
    help: "use the containerd image store for Docker on the build host",
    parse: yesOrNo,
  },
  customBuildspec: {
    flag: "--custom-buildspec [true|false]",
    variables: ["CUSTOM_BUILDSPEC"],
    help: "use the project's own buildspec instead of the generated one",
    parse: yesOrNo,
    fallback: false,
  },
  labels: {
    flag: "--label <labels>",
    variables: ["RUNNER_LABEL"],
    help: `additional runner labels, comma-separated, at most ${MOST_USER_LABELS}; ` +
      "{pipeline}, {commit} and {branch} are filled in",
    parse: labelTemplates,
  },
  multiStep: {
    flag: "--multi-step [true|false]",
    variables: ["MULTI_STEP"],
    help: "let the runner serve step after step, until the pipeline is over (default: it serves one step)",
    parse: yesOrNo,
  },
  runners: {
    flag: "--runners <number>",
    variables: ["RUNNER_COUNT"],
    help: `how many runners the build hosts, for as many steps at once, 1-${MOST_RUNNERS}, or auto to ` +
      "count the parallel steps (default: the project's)",
    parse: runnerCount,
  },
  machines: {
    flag: "--machines <number>",
    variables: ["RUNNER_MACHINES"],
    help: "how many builds to start at once, each on a machine of its own, 1-50",
    parse: wholeNumber(1, MOST_MACHINES, "machines"),
    fallback: 1,
  },
  ownPipelineOnly: {
    flag: "--own-pipeline-only [true|false]",
    variables: ["RUNNER_OWN_PIPELINE_ONLY"],
    help: "let the runner serve nothing after a step of another pipeline",
    parse: yesOrNo,
  },
  lingerMinutes: {
    flag: "--linger <minutes>",
    variables: ["RUNNER_LINGER"],
    help: "how long the runner stays for a rerun after its pipeline has failed, 0-480",
    parse: wholeNumber(0, 480, "minutes"),
  },
  credentialsMode: {
    flag: "--credentials <mode>",
    variables: ["RUNNER_CREDENTIALS"],
    help: "what of the step's Bitbucket credentials gets into the build: runner, token, project or secret",
    parse: oneOf(...CREDENTIALS_MODES),
  },
  kmsKey: {
    flag: "--kms-key <key>",
    variables: ["RUNNER_KMS_KEY"],
    help: "id, ARN or alias of a KMS key that seals what is secret on its way into the build",
    parse: kmsKey,
  },
  handOn: {
    flag: "--hand-on <names>",
    variables: ["RUNNER_HAND_ON"],
    help: `variables of the step that go before the project's, of ${PROJECTS_VARIABLES.join(", ")}`,
    parse: projectsVariables,
  },
  releaseUrl: {
    flag: "--release-url <url>",
    variables: ["RUNNER_RELEASE_URL"],
    help: "where the build downloads the runner bundle from",
    parse: webUrl,
    fallback: `${RELEASES}/v${VERSION}`,
  },
  output: {
    flag: "--output <file>",
    variables: ["RUNNER_OUTPUT"],
    help: "file that gets build id, link, runner and labels as JSON, each as soon as it is known",
    parse: filePath,
  },
  debugMinutes: {
    flag: "--debug-on-failure <minutes>",
    variables: ["RUNNER_DEBUG"],
    help:
      `hold a build that failed for so long, 1-${LONGEST_HOLD_MIN}, to look into it by a session; 0: never`,
    parse: wholeNumber(0, LONGEST_HOLD_MIN, "minutes"),
  },
  metrics: {
    flag: "--metrics [true|false]",
    variables: ["RUNNER_METRICS"],
    help: "let the build write its times for CloudWatch's metrics when it ends",
    parse: yesOrNo,
  },
  verbose: {
    flag: "--verbose [true|false]",
    variables: ["RUNNER_VERBOSE"],
    help: "say more, here and in the build: short phases, request counts, leftovers that are kept",
    parse: yesOrNo,
  },
  logFormat: {
    flag: "--log-format <format>",
    variables: ["LOG_FORMAT"],
    help: "text or json",
    parse: oneOf("text", "json"),
    fallback: "text",
  },
  dryRun: {
    flag: "--dry-run [true|false]",
    variables: [],
    help: "show what would be sent, secrets masked, and ask nobody for anything",
    parse: yesOrNo,
    fallback: false,
  },
} as const satisfies SettingTable;

/** Everything start-runner reads. */
export const startSettings = { ...startOptions, ...stepVariables, ...bitbucketSettings } as const;

export type StartValues = SettingValues<typeof startSettings>;
