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

/** The architecture that the labels speak of. The project's own type cannot be seen from here; the agent refuses a machine of another kind. */
export function expectedArchitecture(
  { image, environmentType }: {
    readonly image?: string | undefined;
    readonly environmentType?: string | undefined;
  },
): "x86_64" | "arm64" {
  const type = environmentType ?? imageNeeds(image).environmentType;
  return type?.startsWith("ARM_") ? "arm64" : "x86_64";
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
  const fitting = isMachineImage(image)
    ? [needed]
    : ENVIRONMENT_TYPES.filter((one) => one.startsWith("ARM_") === needed.startsWith("ARM_"));
  return fitting.includes(type)
    ? undefined
    : `image ${image} runs on ${fitting.join(" or ")}, not on ${type}`;
}

/**
 * What becomes of the project's environment type, where its image is replaced and nobody has named a type: start-runner
 * cannot see the project's own, which may be a GPU or EC2 type. Undefined where nothing is derived.
 */
export function derivedTypeNote(
  { image, environmentType }: { readonly image?: string | undefined; readonly environmentType?: unknown },
): string | undefined {
  const derived = environmentType === undefined ? imageNeeds(image).environmentType : undefined;
  if (derived === undefined) return undefined;
  return `The environment type is ${derived}, as image ${image} suggests, whatever the project's own is: ` +
    `set --environment-type to have another one, such as ${ENVIRONMENT_TYPES.slice(2).join(" or ")}`;
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
