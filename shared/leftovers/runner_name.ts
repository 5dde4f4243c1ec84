import { createHash } from "node:crypto";

/** Bitbucket's own pages take no longer name; whether its API does is unknown. */
const LONGEST_NAME = 50;
const UUID_LENGTH = 36;
const LONGEST_PROJECT = LONGEST_NAME - UUID_LENGTH - "-".length;
/** Stands in no project's name, so that a shortened one is never taken for another project's whole one. */
const SHORTENED = ".";
/** Between the UUID and a number: no project's name begins so. */
const NUMBERED = ".";
const HASH_LENGTH = 5;
/** The most runners that one build hosts. */
export const MOST_RUNNERS = 32;

/** At the beginning of a name, with the runner's number if it is not the build's first, or at the end of those that earlier versions gave. */
const UUID_IN_NAME =
  /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.([2-9]|[1-9][0-9]))?-|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/**
 * The name of a CodeBuild build's first runner, or of another by its number, so that whoever has the build id
 * (`project:uuid`) can find its runners, and whoever finds a runner knows which build owned it: the UUID whole, the project
 * as far as there is room.
 */
export function runnerName(buildId: string, number = 1): string {
  const [project = "", uuid = ""] = buildId.split(":");
  const which = number === 1 ? "" : `${NUMBERED}${number}`;
  return `${uuid}${which}-${shortProject(project, LONGEST_PROJECT - which.length)}`;
}

/** Whether a runner of that name is one of the build's. */
export function isRunnerOf(name: string, buildId: string): boolean {
  return buildIdOf(name, projectOf(buildId)) === buildId;
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
  const [, first, number, last] = UUID_IN_NAME.exec(name) ?? [];
  const uuid = first ?? last;
  if (uuid === undefined) return undefined;
  const buildId = `${project}:${uuid}`;
  const own = name === runnerName(buildId, Number(number ?? 1)) || name === `codebuild-${project}-${uuid}`;
  return own ? buildId : undefined;
}

/** Whether the name holds only a part of its project's, so that another project could give the same. */
export function isShortened(name: string): boolean {
  return name.slice(UUID_LENGTH + NUMBERED.length).includes(SHORTENED);
}

/** The project a build id belongs to. */
export function projectOf(buildId: string): string {
  return buildId.split(":")[0] ?? buildId;
}

/** Projects whose names begin alike are told apart by a hash of the whole. */
function shortProject(project: string, longest = LONGEST_PROJECT): string {
  if (project.length <= longest) return project;
  const hash = createHash("sha256").update(project).digest("hex").slice(0, HASH_LENGTH);
  return `${project.slice(0, longest - SHORTENED.length - HASH_LENGTH)}${SHORTENED}${hash}`;
}
