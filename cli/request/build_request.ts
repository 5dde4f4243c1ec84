import { createHash } from "node:crypto";
import type { StartBuildInput } from "../../shared/aws/aws_codebuild.ts";
import type { BuildVariable } from "../options/build_variables.ts";
import { derivedType, imageNeeds, isEc2, knownType } from "../options/build_image.ts";
import { buildspec } from "./buildspec.ts";
import type { StartConfig } from "../options/start_config.ts";

/**
 * What StartBuild is asked for; `secrets` are the variables that the mode of credentials adds. `idempotencyToken` is filled
 * in for each try, by `idempotencyToken()`.
 */
export function buildRequest(config: StartConfig, secrets: readonly BuildVariable[] = []): StartBuildInput {
  return {
    projectName: config.project,
    ...(config.customBuildspec ? {} : { buildspecOverride: buildspec(config) }),
    environmentVariablesOverride: [...config.variables, ...secrets],
    ...machineOverrides(config),
    ...given({
      // Docker's daemon needs a privileged container; steps of a shell runner may not, so the project decides there.
      privilegedModeOverride: config.runnerType === "docker" && !isEc2(knownType(config)) ? true : undefined,
      debugSessionEnabled: config.debugMinutes ? true : undefined,
    }),
    // CodeBuild would start a failed build again, and with it a runner that nobody waits for.
    autoRetryLimitOverride: 0,
  };
}

/** What StartBuild is asked for a build that is no runner; without a buildspec the project's own runs. */
export function jobRequest(
  config: MachineChoice & Pick<StartConfig, "project" | "variables">,
  buildspec: string | undefined,
): StartBuildInput {
  return {
    projectName: config.project,
    ...given({ buildspecOverride: buildspec }),
    environmentVariablesOverride: [...config.variables],
    ...machineOverrides(config),
    // Its exit code is carried back: whoever wants another try asks for one.
    autoRetryLimitOverride: 0,
  };
}

/** What a start may ask for in place of the project's own. */
export type MachineChoice = Pick<
  StartConfig,
  | "timeoutMinutes"
  | "queuedTimeoutMinutes"
  | "computeType"
  | "image"
  | "environmentType"
  | "fleet"
  | "fleetArn"
  | "fleetType"
>;

function machineOverrides(config: MachineChoice) {
  const needs = imageNeeds(config.image);
  return given({
    timeoutInMinutesOverride: config.timeoutMinutes,
    queuedTimeoutInMinutesOverride: config.queuedTimeoutMinutes,
    computeTypeOverride: config.computeType,
    imageOverride: config.image,
    imagePullCredentialsTypeOverride: needs.imagePullCredentialsType,
    environmentTypeOverride: config.environmentType ?? derivedType(config),
    fleetOverride: fleetOverride(config),
  });
}

/** CodeBuild takes an ARN alone; what is shown of a start that asked nobody has the name in its place. */
function fleetOverride({ fleet, fleetArn = fleet }: MachineChoice): { fleetArn: string } | undefined {
  return fleetArn === undefined ? undefined : { fleetArn };
}

/**
 * The token by which CodeBuild knows a repeated request within five minutes, so that an answer that got lost never
 * means a second build; outside a pipeline `salt` stands for the step. The same step asking for something else is another request: CodeBuild would refuse the
 * token together with other parameters. `attempt` tells apart builds that one step starts one after the other.
 */
export function idempotencyToken(
  step: Pick<StartConfig, "pipelineUuid" | "stepUuid" | "stepRun">,
  request: StartBuildInput,
  options: { readonly attempt: number; readonly salt: number },
): string {
  const source = step.stepUuid === undefined
    ? `outside a pipeline ${options.salt}`
    : `${step.pipelineUuid} ${step.stepUuid} ${step.stepRun ?? "1"}`;
  const token = `${digest(source, 32)}-${digest(JSON.stringify(request), 16)}`;
  return options.attempt === 1 ? token : `${token}-${options.attempt}`;
}

function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function digest(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
