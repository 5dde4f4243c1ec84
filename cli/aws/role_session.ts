import type { StartConfig } from "../options/start_config.ts";

/** The most that STS takes; how much of it a role allows is the role's own setting. */
const LONGEST_S = 43_200;
/** What every role allows, whatever its setting. Source: STS's description of `DurationSeconds`. */
export const ALWAYS_ALLOWED_S = 3600;
/** For stopping the build and cleaning up after the longest wait. */
const MARGIN_S = 300;

/** Whether credentials that last `durationS` seconds, of which `passedS` are over, are to be replaced while they are good. */
export function isEnding(durationS: number, passedS: number): boolean {
  return passedS >= durationS - MARGIN_S;
}

/**
 * How long the role's credentials are to last, in seconds: the whole wait and the clean-up after it. How long the project lets a
 * build queue is not known here, so a wait there counts only where an option says so.
 */
export function sessionDurationS(
  config: Pick<StartConfig, "capacityTimeoutS" | "queuedTimeoutMinutes" | "startupTimeoutS">,
): number {
  const { capacityTimeoutS, queuedTimeoutMinutes = 0, startupTimeoutS } = config;
  const wanted = capacityTimeoutS + queuedTimeoutMinutes * 60 + startupTimeoutS + MARGIN_S;
  return Math.min(Math.max(wanted, ALWAYS_ALLOWED_S), LONGEST_S);
}

/** How much of each part there is room for; with their separators they stay below the 64 that STS takes. */
const [REPOSITORY_LENGTH, PIPELINE_LENGTH, STEP_LENGTH] = [24, 12, 8];

/**
 * The session's name as CloudTrail shows it: `start-runner@repository@pipeline@step`, in the characters that STS
 * takes. Whatever repository and pipeline are called, each of the four parts stays in its place.
 */
export function sessionName(
  config: Partial<Pick<StartConfig, "repository" | "buildNumber" | "pipelineUuid" | "stepUuid">>,
): string {
  const { repository = "", buildNumber, pipelineUuid = "", stepUuid = "" } = config;
  return [
    "start-runner",
    part(repository, REPOSITORY_LENGTH),
    part(buildNumber ?? pipelineUuid, PIPELINE_LENGTH),
    part(stepUuid, STEP_LENGTH),
  ].join("@");
}

function part(text: string, length: number): string {
  return text.replace(/[{}]/g, "").slice(0, length).replace(/[^\w+=,.-]/g, "-");
}
