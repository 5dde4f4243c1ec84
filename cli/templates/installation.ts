import { type EnvironmentType, isEc2 } from "../options/build_image.ts";
import { accountArn, type Setup } from "../setup/setup.ts";

/** The kinds of Bitbucket credentials that a secret may hold, with the variables that the project makes of its keys. */
export const SECRET_KINDS = {
  "access-token": { BITBUCKET_ACCESS_TOKEN: "token" },
  "api-token": { BITBUCKET_API_EMAIL: "email", BITBUCKET_API_TOKEN: "token" },
  "consumer": { BITBUCKET_OAUTH_CLIENT_ID: "key", BITBUCKET_OAUTH_CLIENT_SECRET: "secret" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
export type SecretKind = keyof typeof SECRET_KINDS;

/** Everything that is made in AWS for one domain of trust. The templates are made of this. */
export interface Installation extends Setup {
  /** Whether the account has the workspace's identity provider already, since it can have each only once. */
  readonly providerExists: boolean;
  /** What the secret holds in mode `project`. */
  readonly secretKind: SecretKind;
  readonly image: string;
  readonly environmentType: EnvironmentType;
  readonly computeType: string;
  readonly timeoutMinutes: number;
  readonly queuedTimeoutMinutes: number;
  readonly retentionDays: number;
  /** Longest session of start-runner's role in seconds. */
  readonly sessionS: number;
  /** Whether there is to be a dashboard of what `--metrics` writes. */
  readonly dashboard: boolean;
}

/** What is made where nobody asks for anything else. */
export const USUAL = {
  image: "aws/codebuild/amazonlinux-x86_64-standard:5.0",
  environmentType: "LINUX_CONTAINER",
  // Atlassian asks for 8 GB of memory.
  computeType: "BUILD_GENERAL1_MEDIUM",
  timeoutMinutes: 120,
  queuedTimeoutMinutes: 30,
  retentionDays: 30,
  sessionS: 3600,
} as const satisfies Partial<Installation>;

export const DESCRIPTION = "Ephemeral Bitbucket runners, started by start-runner";

/** A project without a source must have a buildspec; start-runner replaces it in every build. */
export const IDLE_BUILDSPEC = `version: 0.2
phases:
  build:
    commands:
      - echo 'Builds of this project are started by start-runner' && exit 1
`;

/** Whether the builds' containers are privileged, as Docker needs it; EC2 compute is no container. */
export function isPrivileged(
  { runnerTypes, environmentType }: Pick<Installation, "runnerTypes" | "environmentType">,
): boolean {
  return runnerTypes.includes("docker") && !isEc2(environmentType);
}

/** Whether the project refers to a secret. */
export function hasSecret({ credentials }: Pick<Installation, "credentials">): boolean {
  return credentials === "project";
}

/** The project's variables, which refer to the secret's keys: `SECRET:KEY`, or none where pipelines bring the credential. */
export function secretReferences(installation: Installation): [name: string, reference: string][] {
  if (!hasSecret(installation)) return [];
  const { secret, secretKind } = installation;
  return Object.entries(SECRET_KINDS[secretKind]).map(([name, key]) => [name, `${secret}:${key}`]);
}

/** What Bitbucket's pipelines have to know; none of it is a secret. */
export function pipelineVariables(installation: Installation): Record<string, string> {
  const { project, region, startRole, credentials } = installation;
  return {
    CODEBUILD_PROJECT: project,
    CODEBUILD_REGION: region,
    AWS_ROLE_ARN: accountArn(installation, `role/${startRole}`),
    RUNNER_CREDENTIALS: credentials,
  };
}
