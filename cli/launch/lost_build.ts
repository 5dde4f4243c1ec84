import type { KnownBuild, StartBuildInput } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import { MACHINE_VARIABLE } from "../../shared/settings/forwarded_variables.ts";
import type { StartContext } from "../aws/aws_session.ts";

export interface LostBuildSearch extends Pick<StartContext, "session" | "log"> {
  readonly config: Pick<StartContext["config"], "project" | "stepUuid">;
  readonly input: StartBuildInput;
  /** When the first request was sent, in milliseconds since 1970. */
  readonly startedMs: number;
}

/** Clocks differ; builds of an earlier try of the step are the same build as far as anybody cares. */
const CLOCK_TOLERANCE_MS = 10 * 60_000;

/**
 * Looks for the build that StartBuild may have started although none of its answers arrived, so that it does not run
 * on unknown to anybody. Undefined when there is none, or when nobody can be asked.
 */
export async function findLostBuild(search: LostBuildSearch): Promise<KnownBuild | undefined> {
  const { session, config, log, input, startedMs } = search;
  if (config.stepUuid === undefined) return undefined;
  try {
    const found = await session.call(async (codebuild) => {
      const ids = await codebuild.newestBuilds(config.project);
      return ids.length === 0 ? [] : await codebuild.getBuilds(ids.slice(0, 100));
    });
    const build = found.find((one) => isFromRequest(one, input, startedMs));
    if (build !== undefined) {
      log.info(`StartBuild has started build ${build.id}, although its answer got lost`);
    }
    return build;
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    log.warning(
      `${error.message}; whether StartBuild has started a build is unknown: ` +
        `look at the builds of project ${config.project}`,
    );
    return undefined;
  }
}

/** Whether the build runs, is recent, and carries every variable of the request; they name the step, and its machine. */
export function isFromRequest(build: KnownBuild, input: StartBuildInput, startedMs: number): boolean {
  const startTime = build.startTime?.getTime() ?? 0;
  if (hasEnded(build) || startTime < startedMs - CLOCK_TOLERANCE_MS) return false;
  const has = new Map(
    (build.environment?.environmentVariables ?? []).map(({ name, value }) => [name, value]),
  );
  const wanted = input.environmentVariablesOverride ?? [];
  // The first machine's request has no number: all others have everything that it has.
  const numbered = wanted.some(({ name }) => name === MACHINE_VARIABLE);
  return has.has(MACHINE_VARIABLE) === numbered && wanted.every(({ name, value }) => has.get(name) === value);
}
