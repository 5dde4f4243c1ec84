/** What an image says about the build environment it needs. */
export interface ImageNeeds {
  readonly environmentType?: EnvironmentType;
  readonly imagePullCredentialsType?: "CODEBUILD" | "SERVICE_ROLE";
}

/** The environment types in which a Linux runner can run. Source: CodeBuild's model; Lambda lacks root and Docker. */
export const ENVIRONMENT_TYPES = [
  "LINUX_CONTAINER",
  "ARM_CONTAINER",
  "LINUX_GPU_CONTAINER",
  "LINUX_EC2",
  "ARM_EC2",
] as const;
export type EnvironmentType = typeof ENVIRONMENT_TYPES[number];

/**
 * AWS's own images run on one architecture, those for EC2 compute on no container, and are pulled with CodeBuild's credentials, private registries with
 * the project's service role; of other images, or none, nothing is known, so the project's own settings stay.
 */
export function imageNeeds(image = ""): ImageNeeds {
  if (isCurated(image)) {
    const kind = isMachineImage(image) ? "EC2" : "CONTAINER";
    return {
      environmentType: isArm(image) ? `ARM_${kind}` : `LINUX_${kind}`,
      imagePullCredentialsType: "CODEBUILD",
    };
  }
  return isPrivateEcr(image) ? { imagePullCredentialsType: "SERVICE_ROLE" } : {};
}

/** What decides on what a build runs, as far as it is known here. */
export interface MachineWords {
  readonly image?: string | undefined;
  readonly environmentType?: string | undefined;
  /** Of the fleet, where CodeBuild was asked about that. */
  readonly fleetType?: string | undefined;
}

/** The environment type that the build will have; undefined where the project's own holds, which cannot be seen from here. */
export function knownType(words: MachineWords): string | undefined {
  return words.environmentType ?? derivedType(words) ?? words.fleetType;
}

/** The environment type that follows from AWS's own images: the fleet's where that is one of those that the image runs on. */
export function derivedType({ image, fleetType }: MachineWords): EnvironmentType | undefined {
  const { environmentType } = imageNeeds(image);
  if (environmentType === undefined) return undefined;
  const ofFleet = ENVIRONMENT_TYPES.find((one) => one === fleetType);
  return ofFleet !== undefined && imageMismatch(image ?? "", ofFleet) === undefined
    ? ofFleet
    : environmentType;
}

/** Whether builds of an environment type run on the machine itself, and in no container. Source: CodeBuild user guide, instance running mode. */
export function isEc2(type: string | undefined): boolean {
  return type?.endsWith("_EC2") ?? false;
}

/** The architecture that the labels speak of. The project's own type cannot be seen from here; the agent refuses a machine of another kind. */
export function expectedArchitecture(words: MachineWords): "x86_64" | "arm64" {
  return knownType(words)?.startsWith("ARM_") ? "arm64" : "x86_64";
}

/** Why no runner can run on the image, for those of AWS's own that cannot serve one; else undefined. */
export function unusableImage(image: string): string | undefined {
  if (!isCurated(image)) return undefined;
  if (image.includes("lambda")) return "Lambda compute has no root and no Docker, and ends after 15 minutes";
  return /windows|macos/.test(image) ? "the runner is a Linux program" : undefined;
}

/** Why CodeBuild would refuse the image together with the environment type; undefined when it would not. */
export function imageMismatch(image: string, type: EnvironmentType): string | undefined {
  const needed = imageNeeds(image).environmentType;
  if (needed === undefined) return undefined;
  const fitting = ENVIRONMENT_TYPES.filter((one) =>
    isEc2(one) === isEc2(needed) && one.startsWith("ARM_") === needed.startsWith("ARM_")
  );
  return fitting.includes(type)
    ? undefined
    : `image ${image} runs on ${fitting.join(" or ")}, not on ${type}`;
}

/** What CodeBuild may or may not refuse: an EC2 type boots machine images, and of others' images nobody knows what they are. */
export function doubtfulImage({ image = "", environmentType }: MachineWords): string | undefined {
  if (image === "" || isCurated(image) || !isEc2(environmentType)) return undefined;
  return `${environmentType} boots machine images and runs no containers: should CodeBuild refuse ${image}, take ` +
    `${machineImage(environmentType)}, or a type that ends in _CONTAINER`;
}

/** AWS's own machine image for an EC2 type. Source: CodeBuild user guide, EC2 compute images. */
export function machineImage(type: string | undefined): string {
  return `aws/codebuild/ami/amazonlinux-${type?.startsWith("ARM_") ? "arm" : "x86_64"}-base:latest`;
}

/** Whether a fleet is given by its name, so that CodeBuild is asked what it is. */
export function isFleetName(fleet: string | undefined): fleet is string {
  return fleet !== undefined && !fleet.startsWith("arn:");
}

/**
 * What becomes of the project's environment type, where its image is replaced and nobody has named a type: start-runner
 * cannot see the project's own, which may be a GPU type. Undefined where nothing is derived.
 */
export function derivedTypeNote({ image, environmentType }: MachineWords): string | undefined {
  const derived = environmentType === undefined ? imageNeeds(image).environmentType : undefined;
  if (derived === undefined) return undefined;
  const others = ENVIRONMENT_TYPES.filter((one) =>
    one !== derived && imageMismatch(image ?? "", one) === undefined
  );
  const note =
    `The environment type is ${derived}, as image ${image} suggests, whatever the project's own is`;
  return others.length === 0
    ? note
    : `${note}: set --environment-type to have another one, such as ${others.join(" or ")}`;
}

function isCurated(image: string): boolean {
  return image.startsWith("aws/codebuild/");
}

/** EC2 compute boots machine images, which are no container images. Source: CodeBuild user guide, EC2 compute images. */
function isMachineImage(image: string): boolean {
  return image.startsWith("aws/codebuild/ami/");
}

function isArm(image: string): boolean {
  return image.includes("aarch64") || image.includes("arm");
}

function isPrivateEcr(image: string): boolean {
  return /^\d{12}\.dkr[.-]ecr[.-]/.test(image);
}
