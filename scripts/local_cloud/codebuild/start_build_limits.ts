import { invalidInput } from "../aws/aws_json.ts";
import type { EnvironmentVariable } from "./codebuild_project.ts";

/** What of StartBuild's input the local cloud acts on; the rest is checked where a check is known, and ignored. */
export interface StartBuildInput {
  readonly projectName: string;
  readonly buildspecOverride?: string;
  readonly environmentVariablesOverride: readonly EnvironmentVariable[];
  readonly timeoutInMinutesOverride?: number;
  readonly queuedTimeoutInMinutesOverride?: number;
  readonly imageOverride?: string;
  readonly environmentTypeOverride?: string;
  readonly computeTypeOverride?: string;
  readonly privilegedModeOverride?: boolean;
  readonly debugSessionEnabled?: boolean;
  readonly fleetOverride?: { readonly fleetArn: string };
  readonly sourceVersion?: string;
  readonly idempotencyToken?: string;
}

const COMPUTE_TYPES =
  /^(BUILD_GENERAL1_(SMALL|MEDIUM|LARGE|XLARGE|2XLARGE)|BUILD_LAMBDA_(1|2|4|8|10)GB|ATTRIBUTE_BASED_COMPUTE|CUSTOM_INSTANCE_TYPE)$/;
const ENVIRONMENT_TYPES =
  /^((LINUX|ARM|LINUX_GPU|LINUX_LAMBDA|ARM_LAMBDA|WINDOWS|WINDOWS_SERVER_2019|WINDOWS_SERVER_2022)_CONTAINER|(LINUX|ARM|WINDOWS)_EC2|MAC_ARM)$/;

/**
 * Refuses what CodeBuild refuses. Sources: CodeBuild's service model for ranges and enumerations; reports of users for the
 * 25,600 characters of a buildspec and the 4,096 of a variable.
 */
export function readStartBuild(input: Record<string, unknown>): StartBuildInput {
  pattern(input, "projectName", /^[A-Za-z0-9][\w-]{1,149}$/);
  range(input, "timeoutInMinutesOverride", 5, 2160);
  range(input, "queuedTimeoutInMinutesOverride", 5, 480);
  range(input, "autoRetryLimitOverride", 0, 10);
  optionalPattern(input, "computeTypeOverride", COMPUTE_TYPES);
  optionalPattern(input, "environmentTypeOverride", ENVIRONMENT_TYPES);
  optionalPattern(input, "imageOverride", /^.+$/);
  optionalPattern(input, "imagePullCredentialsTypeOverride", /^(CODEBUILD|SERVICE_ROLE)$/);
  optionalBoolean(input, "debugSessionEnabled");
  optionalBoolean(input, "privilegedModeOverride");
  checkBuildspec(input["buildspecOverride"]);
  checkFleet(input["fleetOverride"]);
  const variables = readVariables(input["environmentVariablesOverride"]);
  return { ...input, environmentVariablesOverride: variables } as unknown as StartBuildInput;
}

function pattern(input: Record<string, unknown>, name: string, allowed: RegExp): void {
  if (typeof input[name] === "string" && allowed.test(input[name])) return;
  throw invalidInput(`Invalid ${name}: must match ${allowed.source}`);
}

function optionalPattern(input: Record<string, unknown>, name: string, allowed: RegExp): void {
  if (input[name] !== undefined) pattern(input, name, allowed);
}

function optionalBoolean(input: Record<string, unknown>, name: string): void {
  if (input[name] === undefined || typeof input[name] === "boolean") return;
  throw invalidInput(`Invalid ${name}: must be a boolean`);
}

function range(input: Record<string, unknown>, name: string, least: number, most: number): void {
  const value = input[name];
  if (value === undefined) return;
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return;
  throw invalidInput(`Invalid ${name}: must be between ${least} and ${most}`);
}

function checkBuildspec(buildspec: unknown): void {
  if (buildspec === undefined) return;
  if (typeof buildspec !== "string") throw invalidInput("Invalid buildspecOverride: must be a string");
  if (buildspec.length > 25_600) throw invalidInput("Invalid buildspec: must be at most 25600 characters");
}

/** It must hold an ARN; which fleets there are is asked when the build is started. */
function checkFleet(fleet: unknown): void {
  if (fleet === undefined) return;
  const arn = (fleet as { fleetArn?: unknown } | null)?.fleetArn;
  if (typeof arn === "string" && /^arn:aws[\w-]*:codebuild:[\w-]+:\d{12}:fleet\/[\w-]+:[\w-]+$/.test(arn)) {
    return;
  }
  throw invalidInput(`Invalid fleetOverride: ${JSON.stringify(arn)} is not the ARN of a fleet`);
}

function readVariables(value: unknown): EnvironmentVariable[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalidInput("Invalid environmentVariablesOverride: must be a list");
  for (const variable of value as Partial<EnvironmentVariable>[]) {
    if (!variable.name || typeof variable.value !== "string") {
      throw invalidInput("Environment variable must have name and value");
    }
    if (variable.value.length > 4096) {
      throw invalidInput("EnvironmentVariable should be at most 4096 characters");
    }
  }
  const names = (value as EnvironmentVariable[]).map((variable) => variable.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalidInput(`Duplicate environment variable: ${twice}`);
  return value;
}
