import { invalidInput } from "../aws/aws_json.ts";
import type { CodeBuildFleet } from "./fleets.ts";

/** What a build is to run on: StartBuild's words, and the project's for what these leave out. */
export interface BuildMachine {
  readonly image: string;
  readonly environmentType: string;
  readonly computeType: string;
  /** Asked for by StartBuild itself. */
  readonly privilegedOverride: boolean | undefined;
}

/** What EC2 compute has on demand. Source: CodeBuild user guide, on-demand environment types. */
const EC2_SIZES = /^BUILD_GENERAL1_(SMALL|MEDIUM|LARGE)$/;
const FLEET_SIZES = ["ATTRIBUTE_BASED_COMPUTE", "CUSTOM_INSTANCE_TYPE"];

/**
 * Refuses machines that CodeBuild refuses, or that nobody has seen it take. Sources: its words on curated images, as in
 * aws-cdk#35368; AWS CDK for fleets, whose environment type must be the build's.
 */
export function checkMachine(machine: BuildMachine, fleet: CodeBuildFleet | undefined): void {
  const { image, environmentType, computeType, privilegedOverride } = machine;
  const isEc2 = environmentType.endsWith("_EC2");
  if (!fits(image, environmentType)) {
    throw invalidInput(
      `${
        isCurated(image) ? "AWS CodeBuild curated image" : "Image"
      } ${image} is not supported for projects with environment type ${environmentType} ` +
        `and compute type ${computeType}`,
    );
  }
  if (isEc2 && fleet === undefined && !EC2_SIZES.test(computeType)) {
    throw invalidInput(
      `Compute type ${computeType} is not supported for environment type ${environmentType}`,
    );
  }
  if (isEc2 && privilegedOverride === true) {
    throw invalidInput(`Privileged mode is not supported for environment type ${environmentType}`);
  }
  if (fleet === undefined && FLEET_SIZES.includes(computeType)) {
    throw invalidInput(`Compute type ${computeType} is only supported with a fleet`);
  }
  if (fleet !== undefined && fleet.environmentType !== environmentType) {
    throw invalidInput(
      `The environment type of fleet ${fleet.name} is ${fleet.environmentType}, and that of the build ${environmentType}`,
    );
  }
}

function isCurated(image: string): boolean {
  return image.startsWith("aws/codebuild/");
}

/** A curated image runs on its own architecture, and either on a container's type or on a machine's; others are containers'. */
function fits(image: string, environmentType: string): boolean {
  const isMachine = image.startsWith("aws/codebuild/ami/");
  if (isMachine !== environmentType.endsWith("_EC2")) return false;
  const isArm = image.includes("aarch64") || image.includes("-arm-");
  return !isCurated(image) || isArm === environmentType.startsWith("ARM");
}
