const PREFIX = "codebuild";

/**
 * The runner's name for a CodeBuild build id (`project:uuid`), so that whoever has the build id can find the
 * runner, and whoever finds a runner knows which build owned it. Project names hold no colon and no space.
 */
export function runnerName(buildId: string): string {
  return `${PREFIX}-${buildId.replace(":", "-")}`;
}

/** The build id behind a runner's name when it is one of this project's, else undefined. */
export function buildIdOf(name: string, project: string): string | undefined {
  const start = `${PREFIX}-${project}-`;
  if (!name.startsWith(start)) return undefined;
  const build = name.slice(start.length);
  // The whole rest must be a UUID: project «app» is not to touch the runners of project «app-two».
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(build) ? `${project}:${build}` : undefined;
}

/** The project a build id belongs to. */
export function projectOf(buildId: string): string {
  return buildId.split(":")[0] ?? buildId;
}
