import {
  type BitbucketCredentials,
  CREDENTIAL_VARIABLES,
  pickCredentials,
} from "../../shared/settings/bitbucket_settings.ts";
import { fillLabels } from "../../shared/settings/label_placeholders.ts";
import { readSettings, type SettingValues } from "../../shared/settings/settings.ts";
import { type BuildVariable, buildVariables, credentialVariables, lengthProblem } from "./build_variables.ts";
import { chooseCredentials, type CredentialsChoice } from "./credentials_mode.ts";
import { runnerLimitProblems } from "../facts/runner_limits.ts";
import { machineProblems } from "./machine_problems.ts";
import { startOptions, startSettings, type StartValues } from "./options.ts";

/** What starting a runner takes: checked, complete, and free of anything that still depends on the environment. */
export interface StartConfig extends Omit<StartValues, "runners"> {
  /** How many runners each build hosts; undefined where the project says so, or the pipeline's file is still to be asked. */
  readonly runners: number | undefined;
  /** Whether the pipeline's file is to be asked. */
  readonly countsRunners: boolean;
  /** The labels as they were given, before their placeholders were filled in. */
  readonly labelTemplates: readonly string[] | undefined;
  /** How the OIDC token becomes AWS credentials; undefined where the default credential chain serves. */
  readonly webIdentity: WebIdentity | undefined;
  /** Whether a missing OIDC token is the likely reason when AWS refuses. */
  readonly inPipeline: boolean;
  /** The profile that the default credential chain looks for. */
  readonly profile?: string | undefined;
  readonly credentials: BitbucketCredentials | undefined;
  readonly choice: CredentialsChoice;
  readonly variables: readonly BuildVariable[];
  /** The step's credentials, for the one mode that hands them on. */
  readonly credentialVariables: readonly BuildVariable[];
  /** What CodeBuild has said of the fleet, where it was asked about one that is given by its name. */
  readonly fleetArn?: string | undefined;
  readonly fleetType?: string | undefined;
}

export interface WebIdentity {
  readonly roleArn: string;
  readonly token: string;
}

type Env = Readonly<Record<string, string>>;
type Flags = Readonly<Record<string, string>>;

/** Everything of the command line and the environment, or all problems there are with it. */
export function startConfig(flags: Flags, env: Env): { config: StartConfig; problems: string[] } {
  const { values: read, problems } = readSettings(startSettings, flags, env);
  const filled = read.labels === undefined ? undefined : fillLabels(read.labels, read);
  const countsRunners = read.runners === "auto";
  const runners = read.runners === "auto" ? undefined : read.runners;
  const values = { ...read, labels: filled?.labels, runners };
  const picked = pickCredentials(values, env);
  const build = buildVariables(values, flags, env);
  const { choice, problems: choiceProblems } = chooseCredentials(values, picked.credentials);
  const secrets = choice.mode === "secret" ? credentialVariables(env) : [];
  const config: StartConfig = {
    ...values,
    countsRunners,
    labelTemplates: read.labels,
    webIdentity: webIdentity(values),
    inPipeline: env["BITBUCKET_BUILD_NUMBER"] !== undefined,
    profile: env["AWS_PROFILE"] || undefined,
    credentials: picked.credentials,
    choice,
    variables: build.variables,
    credentialVariables: secrets,
  };
  return {
    config,
    problems: [
      ...problems,
      ...filled?.problems ?? [],
      ...identityProblems(values, flags, env),
      ...machineProblems(values),
      ...picked.problems,
      // Credentials of which something is wrong have been complained about.
      ...(picked.credentials === undefined && CREDENTIAL_VARIABLES.some((name) => env[name])
        ? []
        : choiceProblems),
      ...build.problems,
      ...runnerLimitProblems({
        runners: values.runners ?? 1,
        // What cannot be read has been complained about.
        machines: values.machines ?? startOptions.machines.fallback,
        sealed: choice.mode === "runner" && choice.kmsKey !== undefined,
      }),
      // Sealed, they are measured once they are sealed.
      ...(choice.kmsKey === undefined ? secrets : []).flatMap(({ name, value }) =>
        lengthProblem(name, value)
      ),
    ],
  };
}

/** How the OIDC token becomes AWS credentials; undefined where the default credential chain serves. */
export function webIdentity(
  { role, oidcToken }: Pick<StartValues, "role" | "oidcToken">,
): WebIdentity | undefined {
  return role && oidcToken ? { roleArn: role, token: oidcToken } : undefined;
}

/** What `start-runner buildspec` needs, or all problems with it. */
export function buildspecConfig(
  flags: Flags,
  env: Env,
): { config: SettingValues<typeof buildspecOptions>; problems: string[] } {
  const { values, problems } = readSettings(buildspecOptions, flags, env);
  return { config: values, problems };
}

/** What the buildspec depends on. */
export const buildspecOptions = {
  runnerType: startOptions.runnerType,
  releaseUrl: startOptions.releaseUrl,
  logFormat: startOptions.logFormat,
} as const;

/** Variables that lead the SDK's default credential chain to credentials. Source: AWS SDKs and tools reference guide. */
const OTHER_CREDENTIALS = [
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
];

function identityProblems(values: StartValues, flags: Flags, env: Env): string[] {
  const roleGiven = flags["role"] !== undefined || Boolean(env["AWS_ROLE_ARN"]);
  if (values.oidcToken !== undefined) {
    // The step's token may be for something else.
    return roleGiven || OTHER_CREDENTIALS.some((name) => env[name]) ? [] : [
      "Missing the IAM role to assume with the step's OIDC token: set --role or AWS_ROLE_ARN, " +
      "for example arn:aws:iam::123456789012:role/start-runner",
    ];
  }
  // Outside a pipeline nobody has such a token, and the default credential chain serves (see `start()`).
  const expected = env["BITBUCKET_BUILD_NUMBER"] !== undefined && !env["AWS_WEB_IDENTITY_TOKEN_FILE"];
  return !roleGiven || !expected ? [] : [
    "Missing the OIDC token to assume the role with: BITBUCKET_STEP_OIDC_TOKEN is not set, so add `oidc: true` to the " +
    "step, or leave out --role and AWS_ROLE_ARN to use the default AWS credentials",
  ];
}
