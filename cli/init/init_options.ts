import { oneOf, text, uuid, wholeNumber, yesOrNo } from "../../shared/settings/parse_value.ts";
import { RUNNER_TYPES, type RunnerType } from "../../shared/settings/runner_type.ts";
import { InvalidValue, type SettingValues } from "../../shared/settings/settings.ts";
import type { Setting } from "../../shared/settings/settings.ts";
import { ENVIRONMENT_TYPES } from "../options/build_image.ts";
import { CREDENTIALS_MODES } from "../options/credentials_mode.ts";
import { buildImage, fleetNameOrArn, projectName } from "../options/option_values.ts";
import { startOptions, startSettings } from "../options/options.ts";
import type { TrustedRepository } from "../setup/setup.ts";
import { SECRET_KINDS, type SecretKind, USUAL } from "../templates/installation.ts";
import { RETENTION_DAYS } from "../templates/installation_problems.ts";

/** What `--print` prints. */
export const FORMS = ["cloudformation", "terraform", "aws-cli", "pipeline"] as const;

const KINDS = Object.keys(SECRET_KINDS) as SecretKind[];

/** The options of `init`. Flags, help and the page of commands are made of this table. */
export const initOptions = {
  region: startOptions.region,
  project: {
    flag: startOptions.project.flag,
    variables: startOptions.project.variables,
    help: "CodeBuild project to make; log group, secret and the builds' role are called after it",
    parse: projectName,
    fallback: "bitbucket-runner",
  },
  account: {
    flag: "--account <id>",
    variables: ["AWS_ACCOUNT_ID"],
    help: "AWS account, 12 digits (default: that of the AWS credentials)",
    parse: accountId,
  },
  workspace: {
    flag: "--workspace <slug>",
    variables: ["BITBUCKET_WORKSPACE"],
    help: "Bitbucket workspace, as in its addresses (required)",
    parse: workspaceSlug,
    required: "the workspace's slug",
    example: "--workspace acme",
  },
  workspaceUuid: {
    flag: "--workspace-uuid <uuid>",
    variables: ["BITBUCKET_REPO_OWNER_UUID"],
    help: "UUID of the workspace, from a repository's settings, OpenID Connect (required)",
    parse: uuid,
    required: "the UUID of the workspace",
    example: "--workspace-uuid {1b2c3d4e-0000-4000-8000-000000000000}",
  },
  repositories: {
    flag: "--repositories <uuids>",
    variables: ["BITBUCKET_REPO_UUID"],
    help:
      "UUIDs of the repositories that may start runners, comma-separated; UUID/ENVIRONMENT_UUID for the steps of " +
      "one deployment environment alone (required)",
    parse: trustedRepositories,
    required: "the UUIDs of the repositories",
    example: "--repositories {1b2c3d4e-0000-4000-8000-000000000000}",
  },
  runnerTypes: {
    flag: "--runner-types <types>",
    variables: [],
    help: "shell, docker or both, comma-separated (default: shell,docker)",
    parse: runnerTypes,
  },
  credentials: {
    flag: "--credentials <mode>",
    variables: ["RUNNER_CREDENTIALS"],
    help:
      "where the Bitbucket credentials are: project, in a secret of AWS; else, in the pipelines: runner, token, secret",
    parse: oneOf(...CREDENTIALS_MODES),
    fallback: "project",
  },
  secretKind: {
    flag: "--secret-kind <kind>",
    variables: [],
    help: `what the secret holds: ${KINDS.join(", ")} (default: what the environment has, else access-token)`,
    parse: oneOf(...KINDS),
  },
  computeType: {
    ...startOptions.computeType,
    help: "size of the builds unless a pipeline names one",
    fallback: USUAL.computeType,
  },
  image: {
    ...startOptions.image,
    help: "image of the builds unless a pipeline names one",
    parse: buildImage,
    fallback: USUAL.image,
  },
  environmentType: {
    ...startOptions.environmentType,
    help: `${ENVIRONMENT_TYPES.join(", ")} (default: what the image needs)`,
  },
  fleet: {
    flag: "--fleet <name>",
    variables: [],
    help: "a fleet of reserved machines that pipelines may name with start-runner --fleet; it is not made",
    parse: fleetName,
  },
  timeoutMinutes: {
    ...startOptions.timeoutMinutes,
    help: "longest life of a build, all its steps included, 5-2160",
    fallback: USUAL.timeoutMinutes,
  },
  queuedTimeoutMinutes: {
    ...startOptions.queuedTimeoutMinutes,
    help: "how long a build may wait in the queue, 5-480",
    fallback: USUAL.queuedTimeoutMinutes,
  },
  retentionDays: {
    flag: "--retention <days>",
    variables: [],
    help: "how long the builds' log is kept, in days",
    parse: retentionDays,
    fallback: USUAL.retentionDays,
  },
  sessionS: {
    flag: "--session <seconds>",
    variables: [],
    help: "longest session of start-runner's role, 3600-43200; its waits have to fit into it",
    parse: wholeNumber(3600, 43_200, "seconds"),
    fallback: USUAL.sessionS,
  },
  startRole: {
    flag: "--start-role <name>",
    variables: [],
    help:
      "name of start-runner's role (default: start-runner, for another project than bitbucket-runner PROJECT-start)",
    parse: roleName,
  },
  ownVariables: {
    flag: "--allow-variables <names>",
    variables: [],
    help: "what pipelines set by CODEBUILD_ENV_NAME, comma-separated, without the prefix",
    parse: listOf,
  },
  existingProvider: {
    flag: "--existing-provider [true|false]",
    variables: [],
    help: "whether the account has the workspace's identity provider already (default: looked up in IAM)",
    parse: yesOrNo,
  },
  dashboard: {
    flag: "--dashboard [true|false]",
    variables: [],
    help: "make a CloudWatch dashboard of what start-runner --metrics has the builds write",
    parse: yesOrNo,
    fallback: false,
  },
  debug: {
    flag: "--debug [true|false]",
    variables: [],
    help: "let the builds' role open the sessions that start-runner --debug-on-failure needs",
    parse: yesOrNo,
    fallback: false,
  },
  print: {
    flag: "--print <form>",
    variables: [],
    help: `print it as ${FORMS.slice(0, -1).join(", ")}, or the sample as pipeline, and do nothing else`,
    parse: oneOf(...FORMS),
  },
  apply: {
    flag: "--apply [true|false]",
    variables: [],
    help: "make it with CloudFormation without asking; once more changes what is different",
    parse: yesOrNo,
    fallback: false,
  },
  stackName: {
    flag: "--stack-name <name>",
    variables: [],
    help: "name of the stack (default: the project's)",
    parse: stackName,
  },
  pipeline: {
    flag: "--pipeline <file>",
    variables: [],
    help: "where a sample pipeline goes once all is made; a file that is there is left as it is",
    parse: text,
    fallback: "bitbucket-pipelines.yml",
  },
  logFormat: startOptions.logFormat,
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** Everything `init` reads. */
export const initSettings = { ...initOptions, apiTimeoutS: startSettings.apiTimeoutS } as const;
export type InitValues = SettingValues<typeof initSettings>;

function accountId(value: string): string {
  if (/^\d{12}$/.test(value.trim())) return value.trim();
  throw new InvalidValue("the 12 digits of an AWS account");
}

function workspaceSlug(value: string): string {
  if (/^[\w.-]{1,62}$/.test(value.trim())) return value.trim();
  throw new InvalidValue("a workspace's slug, as in https://bitbucket.org/SLUG");
}

function trustedRepositories(value: string): readonly TrustedRepository[] {
  const repositories = listOf(value).map((one) => {
    const [repository = "", ...environments] = one.split("/").map(uuid);
    const [environment] = environments;
    return environment === undefined ? { uuid: repository } : { uuid: repository, environment };
  });
  if (repositories.length > 0) return repositories;
  throw new InvalidValue("UUIDs of repositories, separated by commas");
}

function runnerTypes(value: string): readonly RunnerType[] {
  const given = listOf(value);
  const known = RUNNER_TYPES.filter((type) => given.includes(type));
  if (known.length > 0 && known.length === new Set(given).size) return known;
  throw new InvalidValue(`${RUNNER_TYPES.join(", ")} or both, separated by a comma`);
}

/** The name is what a policy can hold before there is such a fleet. */
function fleetName(value: string): string {
  const fleet = fleetNameOrArn(value);
  if (!fleet.startsWith("arn:")) return fleet;
  throw new InvalidValue("the name of a fleet, without its ARN");
}

function retentionDays(value: string): number {
  const days = RETENTION_DAYS.find((days) => String(days) === value.trim());
  if (days !== undefined) return days;
  throw new InvalidValue(`one of ${RETENTION_DAYS.join(", ")}`);
}

/** Source: IAM's pattern of a role's name. */
function roleName(value: string): string {
  if (/^[\w+=,.@-]{1,64}$/.test(value)) return value;
  throw new InvalidValue("a role's name: up to 64 letters, digits and +=,.@-_");
}

/** Source: CloudFormation's pattern of a stack's name. */
function stackName(value: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(value)) return value;
  throw new InvalidValue("a stack's name: letters, digits and hyphens, with a letter first");
}

function listOf(value: string): readonly string[] {
  return value.split(",").map((part) => part.trim()).filter((part) => part !== "");
}
