import type { Fleet, Project } from "../../../shared/aws/aws_codebuild.ts";
import { LEAST_MEMORY_GB, machineOf, tightMemory } from "../../facts/machines.ts";
import {
  doubtfulImage,
  ENVIRONMENT_TYPES,
  imageMismatch,
  isEc2,
  knownType,
  unusableImage,
} from "../../options/build_image.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

/** What the builds of this start run on; undefined where neither the options nor the project say it. */
export interface BuildMachine {
  readonly image: string | undefined;
  readonly environmentType: string | undefined;
  readonly computeType: string | undefined;
  /** What a fleet says of the memory of its machines. */
  readonly fleetMemoryGb?: number | undefined;
  readonly privileged: boolean | undefined;
}

/** What the options say, then the fleet, and for the rest the project. */
export function buildMachine(
  config: DoctorConfig,
  project: Project | undefined,
  fleet?: Fleet,
): BuildMachine {
  const own = project?.environment;
  return {
    image: config.image ?? own?.image,
    environmentType: knownType({ ...config, fleetType: fleet?.environmentType }) ?? own?.type,
    computeType: config.computeType ?? fleet?.computeType ?? own?.computeType,
    fleetMemoryGb: fleet?.computeConfiguration?.memory,
    privileged: project === undefined ? undefined : own?.privilegedMode ?? false,
  };
}

/** Whether a runner can run there. */
export function machineFindings(
  { runnerType, runners = 1 }: DoctorConfig,
  machine: BuildMachine,
): Finding[] {
  return [
    imageFinding(machine),
    sizeFinding(machine, runners),
    ...(runnerType === "docker" ? [privilegedFinding(machine)] : []),
  ];
}

/** Amazon Linux 2 has glibc 2.26, and the agent needs 2.27. Source: seen with `ldd`; CodeBuild's list of images. */
const TOO_OLD =
  /^aws\/codebuild\/(?:amazonlinux2-x86_64-standard:(?:[1-4]\.0|corretto)|amazonlinux2-aarch64-standard:[12]\.0|standard:1\.0)/;
const GOOD_IMAGE = "take a newer one, such as aws/codebuild/amazonlinux-x86_64-standard:5.0";

function imageFinding({ image, environmentType: type }: BuildMachine): Finding {
  if (image === undefined) return unknown("image", "nobody says which image the builds have");
  const unusable = unusableImage(image);
  if (unusable !== undefined) return fail("image", `no runner runs on ${image}: ${unusable}`, GOOD_IMAGE);
  if (TOO_OLD.test(image)) {
    return fail("image", `the C library of ${image} is too old for the agent`, GOOD_IMAGE);
  }
  if (type === undefined) return ok("image", image);
  const known = ENVIRONMENT_TYPES.find((one) => one === type);
  if (known === undefined) {
    return fail(
      "image",
      `no runner runs on the environment type ${type}`,
      `set the project's, or --environment-type, to one of ${ENVIRONMENT_TYPES.join(", ")}`,
    );
  }
  const doubtful = doubtfulImage({ image, environmentType: type });
  if (doubtful !== undefined) return unknown("image", doubtful);
  const mismatch = imageMismatch(image, known);
  return mismatch === undefined ? ok("image", `${image} on ${type}`) : fail(
    "image",
    mismatch,
    "change the project's image or its environment type, or --image and --environment-type",
  );
}

function sizeFinding(machine: BuildMachine, runners: number): Finding {
  const { computeType, environmentType } = machine;
  if (computeType === undefined) return unknown("size", "nobody says how large the builds' machine is");
  const memoryGb = machine.fleetMemoryGb ?? machineOf(machine)?.memoryGb;
  if (memoryGb === undefined) {
    return unknown(
      "size",
      `the memory of ${computeType} on ${environmentType} is not known here; a runner wants ${LEAST_MEMORY_GB} GB`,
    );
  }
  const tight = tightMemory({ type: environmentType, computeType, runners });
  if (tight !== undefined) return fail("size", tight, "set a larger --compute-type, or fewer --runners");
  const detail = `${computeType} has ${memoryGb} GB of memory`;
  return memoryGb >= LEAST_MEMORY_GB ? ok("size", detail) : fail(
    "size",
    `${detail}, and Atlassian asks for ${LEAST_MEMORY_GB} GB`,
    "set the project's compute type, or --compute-type, to medium or larger",
  );
}

/** start-runner asks for privileged mode with each Docker build; whether its role may, only a start shows. */
function privilegedFinding({ environmentType, privileged }: BuildMachine): Finding {
  if (isEc2(environmentType)) return ok("privileged", `${environmentType} is no container`);
  if (privileged === undefined) return unknown("privileged", "the project cannot be seen");
  return privileged ? ok("privileged", "the project is privileged, as Docker needs it") : fail(
    "privileged",
    "the project is not privileged, and a Docker runner needs Docker's daemon: only where the role may override it " +
      "does start-runner switch it on",
    "set privilegedMode in the project's environment, or --runner-type to shell",
  );
}
