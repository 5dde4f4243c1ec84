import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import type { Project } from "./project.ts";

/** A build waits at most 480 minutes and runs at most 2,160, in milliseconds: older ones have ended. Source: StartBuild. */
export const LONGEST_LIFE_MS = (480 + 2160) * 60_000;

/**
 * The project's builds, newest first, a page at a time; ends with the first page that reaches back beyond `sinceMs`, in
 * milliseconds since 1970. Rejects with `AwsCallError`.
 */
export async function* projectBuilds(
  { session, config, signal }: Project,
  sinceMs: number,
): AsyncGenerator<KnownBuild[]> {
  for await (const ids of projectBuildIds({ session, config, signal })) {
    const builds = await session.call((codebuild) => codebuild.getBuilds(ids, signal), signal);
    yield builds;
    if (builds.some((build) => startedMs(build) > 0 && startedMs(build) < sinceMs)) return;
  }
}

/** The ids of the project's builds, newest first, at most 100 at a time. A list that leads back to a page of its own ends there. */
export async function* projectBuildIds(
  { session, config, signal }: Pick<Project, "session" | "config" | "signal">,
): AsyncGenerator<readonly string[]> {
  const read = new Set<string | undefined>();
  let token: string | undefined;
  do {
    read.add(token);
    const page = await session.call(
      (codebuild) => codebuild.buildPage(config.project, token, signal),
      signal,
    );
    if (page.ids.length > 0) yield page.ids;
    token = page.nextToken;
  } while (token !== undefined && !read.has(token));
}

/** When a build was accepted, in milliseconds since 1970; 0 where CodeBuild does not say so. */
export function startedMs(build: KnownBuild): number {
  return build.startTime?.getTime() || 0;
}
