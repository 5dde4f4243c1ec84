import type { CredentialsMode } from "../options/credentials_mode.ts";
import type { RunnerType } from "../../shared/settings/runner_type.ts";

/** A repository whose pipelines may start runners. */
export interface TrustedRepository {
  readonly uuid: string;
  /** UUID of a deployment environment, where only its steps may; Bitbucket can restrict one to branches. */
  readonly environment?: string;
}

/** What the builds' own buildspec leaves to the pipelines, which may name what is listed and nothing else. */
export interface CustomBuildspec {
  readonly images: readonly string[];
  readonly computeTypes: readonly string[];
}

/** One domain of trust: a project, its two roles and its credential. All documents are made of this. */
export interface Setup {
  readonly account: string;
  readonly region: string;
  readonly project: string;
  /** Name of the role that start-runner assumes. */
  readonly startRole: string;
  /** Name of the role that the builds have. */
  readonly serviceRole: string;
  /** The workspace's slug. */
  readonly workspace: string;
  readonly workspaceUuid: string;
  readonly repositories: readonly TrustedRepository[];
  readonly credentials: CredentialsMode;
  /** Name of the secret that the project refers to in mode `project`. */
  readonly secret: string;
  /** ARN of the key that seals what is forwarded; without it nothing is sealed. */
  readonly kmsKey?: string;
  readonly runnerTypes: readonly RunnerType[];
  /** Names that follow `CODEBUILD_ENV_` in the pipelines. */
  readonly ownVariables: readonly string[];
  /** The only mirror that pipelines may name. */
  readonly releaseUrl?: string;
  /** Whether somebody may look into a build that failed and is held, by a session of Systems Manager. */
  readonly debug?: boolean;
  /** Name of the only fleet of reserved machines that pipelines may name; without it they may name none. */
  readonly fleet?: string | undefined;
  /** For the stricter set, which goes with `--custom-buildspec`. */
  readonly customBuildspec?: CustomBuildspec;
}

/** The project's ARN. */
export function projectArn(setup: Setup): string {
  return `${regional(setup, "codebuild")}:project/${setup.project}`;
}

/** ARN of the log group that CodeBuild writes to where the project names no other. */
export function logGroupArn(setup: Setup): string {
  return `${regional(setup, "logs")}:log-group:${logGroup(setup)}`;
}

/** Name of that log group. */
export function logGroup({ project }: Pick<Setup, "project">): string {
  return `/aws/codebuild/${project}`;
}

/** ARNs of the secret; Secrets Manager adds a hyphen and six characters to its name. */
export function secretArn(setup: Setup): string {
  return `${regional(setup, "secretsmanager")}:secret:${setup.secret}-??????`;
}

/** Whether pipelines may name a fleet. */
export function hasFleet(setup: Setup): setup is Setup & { readonly fleet: string } {
  return setup.fleet !== undefined;
}

/** ARN of the fleet, whose id follows its name. Source: service authorization reference. */
export function fleetArn(setup: Setup & { readonly fleet: string }): string {
  return `${regional(setup, "codebuild")}:fleet/${setup.fleet}:*`;
}

/** ARN of something global of the account, such as a role. */
export function accountArn(setup: Setup, rest: string): string {
  return `arn:${partition(setup)}:iam::${setup.account}:${rest}`;
}

/** A UUID as Bitbucket writes it and start-runner sends it, in braces. */
export function inBraces(uuid: string): string {
  return `{${withoutBraces(uuid)}}`;
}

/** A UUID as it stands in the OIDC provider's audience. */
export function withoutBraces(uuid: string): string {
  return uuid.replace(/^\{|\}$/g, "");
}

function regional(setup: Setup, service: string): string {
  return `arn:${partition(setup)}:${service}:${setup.region}:${setup.account}`;
}

/** Source: AWS's list of partitions, whose regions have prefixes of their own. */
function partition({ region }: Setup): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
