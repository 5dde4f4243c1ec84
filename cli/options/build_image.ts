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
 * AWS's own images run on one architecture and are pulled with CodeBuild's credentials, private registries with
 * the project's service role; of other images nothing is known, so the project's own settings stay.
 */
export function imageNeeds(image: string): ImageNeeds {
  if (isCurated(image)) {
    return {
      environmentType: isArm(image) ? "ARM_CONTAINER" : "LINUX_CONTAINER",
      imagePullCredentialsType: "CODEBUILD",
    };
  }
  return isPrivateEcr(image) ? { imagePullCredentialsType: "SERVICE_ROLE" } : {};
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
  if (needed === undefined || needed.startsWith("ARM_") === type.startsWith("ARM_")) return undefined;
  const fitting = ENVIRONMENT_TYPES.filter((one) => one.startsWith("ARM_") === needed.startsWith("ARM_"));
  return `image ${image} runs on ${fitting.join(" or ")}, not on ${type}`;
}

function isCurated(image: string): boolean {
  return image.startsWith("aws/codebuild/");
}

function isArm(image: string): boolean {
  return image.includes("aarch64") || image.includes("arm");
}

function isPrivateEcr(image: string): boolean {
  return /^\d{12}\.dkr[.-]ecr[.-]/.test(image);
}
