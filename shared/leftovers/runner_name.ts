import { createHash } from "node:crypto";

/** Bitbucket's own pages take no longer name; whether its API does is unknown. */
const LONGEST_NAME = 50;
const UUID_LENGTH = 36;
const LONGEST_PROJECT = LONGEST_NAME - UUID_LENGTH - "-".length;
/** Stands in no project's name, so that a shortened one is never taken for another project's whole one. */
const SHORTENED = ".";
const HASH_LENGTH = 5;

/** At the beginning of a name, or at the end of those that earlier versions gave. */
const UUID_IN_NAME =
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The runner's name for a CodeBuild build id (`project:uuid`), so that whoever has the build id can find the
 * runner, and whoever finds a runner knows which build owned it: the UUID whole, the project as far as there is room.
 */
export function runnerName(buildId: string): string {
  const [project = "", uuid = ""] = buildId.split(":");
  return `${uuid}-${shortProject(project)}`;
}

/** How a runner is called while no build has been started for it yet: unlike all others, and after none. */
export function provisionalName(project: string, uuid: string): string {
  return `start-${uuid.replaceAll("-", "").slice(0, 12)}-${shortProject(project)}`;
}

/** Whether a name is one that `provisionalName()` gives in this project. */
export function isProvisional(name: string, project: string): boolean {
  return /^start-[0-9a-f]{12}-/.test(name) && name.slice(19) === shortProject(project);
}

/** The build id behind a runner's name when it can be one of this project's, else undefined. */
export function buildIdOf(name: string, project: string): string | undefined {
  const uuid = UUID_IN_NAME.exec(name)?.[0];
  if (uuid === undefined) return undefined;
  const buildId = `${project}:${uuid}`;
  return name === runnerName(buildId) || name === `codebuild-${project}-${uuid}` ? buildId : undefined;
}

/** Whether the name holds only a part of its project's, so that another project could give the same. */
export function isShortened(name: string): boolean {
  return name.includes(SHORTENED);
}

/** The project a build id belongs to. */
export function projectOf(buildId: string): string {
  return buildId.split(":")[0] ?? buildId;
}

/** Projects whose names begin alike are told apart by a hash of the whole. */
function shortProject(project: string): string {
  if (project.length <= LONGEST_PROJECT) return project;
  const hash = createHash("sha256").update(project).digest("hex").slice(0, HASH_LENGTH);
  return `${project.slice(0, LONGEST_PROJECT - SHORTENED.length - HASH_LENGTH)}${SHORTENED}${hash}`;
}
