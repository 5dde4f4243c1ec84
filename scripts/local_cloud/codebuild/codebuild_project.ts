import type { CodeBuildFleet } from "./fleets.ts";

/** A variable of a project or of StartBuild, in CodeBuild's own form. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
  readonly type?: "PLAINTEXT" | "PARAMETER_STORE" | "SECRETS_MANAGER";
}

/** A CodeBuild project without a source of its own. */
export interface CodeBuildProject {
  readonly name: string;
  readonly environmentVariables?: readonly EnvironmentVariable[];
  /** The buildspec used when StartBuild brings none. */
  readonly buildspec?: string;
  /** Build timeout in minutes (default 60). */
  readonly timeoutInMinutes?: number;
  /** Queued timeout in minutes (default 480). */
  readonly queuedTimeoutInMinutes?: number;
  /** Most builds of this project at a time; beyond it StartBuild is refused. */
  readonly concurrentBuildLimit?: number;
  /** Of StartBuild's and these it is judged whether a build can run. */
  readonly image?: string;
  /** As in LINUX_CONTAINER, the default. */
  readonly environmentType?: string;
  /** As in BUILD_GENERAL1_MEDIUM, the default. */
  readonly computeType?: string;
  /** ARN of the fleet that its builds run on. */
  readonly fleetArn?: string;
  /** For display, like all that follows; nothing here depends on it. On unless it is set otherwise, as the documented set-up has it. */
  readonly privilegedMode?: boolean;
  /** As in NO_SOURCE, the default. */
  readonly sourceType?: string;
  readonly vpcConfig?: {
    readonly vpcId: string;
    readonly subnets: readonly string[];
    readonly securityGroupIds: readonly string[];
  };
  readonly cloudWatchLogs?: { readonly status: "ENABLED" | "DISABLED"; readonly groupName?: string };
}

/** Where builds run and what limits the account has. */
export interface CodeBuildSettings {
  readonly region: string;
  readonly accountId: string;
  /** Builds that run at a time in the account; more are queued, up to five times as many. */
  readonly concurrentBuilds: number;
  readonly fleets: readonly CodeBuildFleet[];
  /** Variables that builds on EC2 compute do not have: what is set there is not known. */
  readonly ec2Lacks: readonly string[];
  /** How long provisioning takes, in milliseconds. */
  readonly provisioningMs: number;
  /** How long CloudWatch takes to show a line of a build's log, in milliseconds; mostly some seconds on AWS. */
  readonly logDelayMs: number;
  /** How long one of CodeBuild's minutes lasts here, in milliseconds; tests shorten timeouts with it. */
  readonly minuteMs: number;
  /** Whether the builds' role may open the channels of a session (four actions of `ssmmessages`). */
  readonly opensSessions: boolean;
  /** What `codebuild-breakpoint` does in a build with sessions: it waits itself, CodeBuild waits after the command, or it is not there. */
  readonly breakpoint: "waits" | "signals" | "missing";
  /** Values behind variables of type PARAMETER_STORE. */
  readonly parameterStore: Readonly<Record<string, string>>;
  /** Values behind variables of type SECRETS_MANAGER. */
  readonly secretsManager: Readonly<Record<string, string>>;
  /** The folder in which every build gets its own. */
  readonly folder: string;
  /** Variables that the local cloud adds to every build, below all others. */
  readonly machineEnv: Readonly<Record<string, string>>;
}

/** The image of a project that names none. */
export const DEFAULT_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0";

/** An account with room for twenty builds, whose machines are there at once. */
export const DEFAULT_CODEBUILD_SETTINGS = {
  region: "eu-central-1",
  accountId: "123456789012",
  concurrentBuilds: 20,
  fleets: [],
  ec2Lacks: [],
  provisioningMs: 0,
  logDelayMs: 0,
  minuteMs: 60_000,
  opensSessions: true,
  breakpoint: "waits",
  parameterStore: {},
  secretsManager: {},
} as const satisfies Omit<CodeBuildSettings, "folder" | "machineEnv">;
