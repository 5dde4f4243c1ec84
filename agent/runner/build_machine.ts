import { stat } from "node:fs/promises";

type Env = Readonly<Record<string, string>>;

/** Where a build's commands run: on EC2 compute on the machine itself. */
export type BuildPlace = "container" | "machine";

/** By the first of these Docker's containers are known, by the other a machine that systemd has booted. Source: sd_booted(3). */
const CONTAINER_FILE = "/.dockerenv";
export const SYSTEMD_FOLDER = "/run/systemd/system";

/** Decided from the image where that is AWS's own, else from what there is; `root` stands for `/` in tests. */
export async function buildPlace(env: Env, root = ""): Promise<BuildPlace> {
  const image = env.CODEBUILD_BUILD_IMAGE ?? "";
  if (isMachineImage(image)) return "machine";
  if (image.startsWith("aws/codebuild/") || await isThere(`${root}${CONTAINER_FILE}`)) return "container";
  return await isThere(`${root}${SYSTEMD_FOLDER}`) ? "machine" : "container";
}

/** Whether a file or folder is there. */
export function isThere(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}

/** What to do about something that the build lacks: on a container's image, and on a machine, where it has to be installed. */
export interface Remedy {
  /** A sentence without its full stop. */
  readonly container: string;
  /** What to install, as in «Git (package git)». */
  readonly install: string;
}

/** The remedy that fits the build's image, which it names where that is known. */
export function remedyFor(
  { CODEBUILD_BUILD_IMAGE: image = "" }: Env,
  { container, install }: Remedy,
): string {
  if (image === "") return container;
  return isMachineImage(image)
    ? `The machine that boots from ${image} lacks it: install ${install} in the project's own buildspec ` +
      "(--custom-buildspec), or use a container's image, such as aws/codebuild/standard:8.0"
    : `${container}; this build's image is ${image}`;
}

/** The environment types' word for the build's place. */
export function typeSuffix({ CODEBUILD_BUILD_IMAGE: image = "" }: Env): "EC2" | "CONTAINER" {
  return isMachineImage(image) ? "EC2" : "CONTAINER";
}

/** Source: CodeBuild user guide, EC2 compute images. */
function isMachineImage(image: string): boolean {
  return image.startsWith("aws/codebuild/ami/");
}
