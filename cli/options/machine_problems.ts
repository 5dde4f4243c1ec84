import { type EnvironmentType, imageMismatch, isEc2, knownType } from "./build_image.ts";
import { FLEET_COMPUTE_TYPES } from "./option_values.ts";

/** What a start or a job says of its machine. */
export interface MachineOptions {
  readonly region?: string | undefined;
  readonly image?: string | undefined;
  readonly environmentType?: EnvironmentType | undefined;
  readonly computeType?: string | undefined;
  readonly fleet?: string | undefined;
}

/** What EC2 compute has on demand. Source: CodeBuild user guide, on-demand environment types. */
const EC2_SIZES = ["SMALL", "MEDIUM", "LARGE"].map((size) => `BUILD_GENERAL1_${size}`);

/** Why CodeBuild would refuse the options together. */
export function machineProblems(options: MachineOptions): string[] {
  return [...imageProblems(options), ...computeProblems(options), ...fleetProblems(options)];
}

function imageProblems({ image, environmentType }: MachineOptions): string[] {
  const mismatch = image && environmentType ? imageMismatch(image, environmentType) : undefined;
  return mismatch === undefined ? [] : [
    `Cannot use --environment-type or CODEBUILD_ENVIRONMENT_TYPE with --image or CODEBUILD_IMAGE: ${mismatch}; ` +
    "leave the type out to have it derived",
  ];
}

function computeProblems({ computeType, fleet, ...machine }: MachineOptions): string[] {
  if (computeType === undefined || fleet !== undefined) return [];
  const cannot = `Cannot use ${computeType} from --compute-type or CODEBUILD_COMPUTE_TYPE`;
  if (FLEET_COMPUTE_TYPES.some((one) => one === computeType)) {
    return [`${cannot} without --fleet or CODEBUILD_FLEET: only a fleet says what is behind it`];
  }
  const type = knownType(machine);
  return !isEc2(type) || EC2_SIZES.includes(computeType)
    ? []
    : [`${cannot} with ${type}: on demand it has small, medium and large`];
}

/** A fleet serves its own region. */
function fleetProblems({ fleet, region }: MachineOptions): string[] {
  const own = fleet?.startsWith("arn:") ? fleet.split(":")[3] : undefined;
  return own === undefined || region === undefined || own === region ? [] : [
    `Cannot use --fleet or CODEBUILD_FLEET: that fleet is in ${own}, and the project in ${region}`,
  ];
}
