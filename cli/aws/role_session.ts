import type { StartConfig } from "../options/start_config.ts";

/** STS takes 900 to 43,200 seconds; how much of it a role allows is the role's own setting. */
const SHORTEST_S = 900;
const LONGEST_S = 43_200;
/** What every role allows, whatever its setting. Source: STS's description of `DurationSeconds`. */
export const ALWAYS_ALLOWED_S = 3600;
/** For stopping the build and cleaning up after the longest wait. */
const MARGIN_S = 300;

/** How long the role's credentials are to last, in seconds: the whole wait and the clean-up after it. */
export function sessionDurationS(config: Pick<StartConfig, "capacityTimeoutS" | "startupTimeoutS">): number {
  const wanted = config.capacityTimeoutS + config.startupTimeoutS + MARGIN_S;
  return Math.min(Math.max(wanted, SHORTEST_S), LONGEST_S);
}

/**
 * The session's name as CloudTrail shows it: repository, pipeline number and step, in the characters and the
 * length (64) that STS takes.
 */
export function sessionName(
  config: Pick<StartConfig, "repository" | "buildNumber" | "pipelineUuid" | "stepUuid">,
): string {
  const pipeline = config.buildNumber ?? config.pipelineUuid;
  const parts = [
    "start-runner",
    config.repository?.slice(0, 24),
    pipeline.slice(0, 14),
    config.stepUuid?.slice(0, 9),
  ];
  const name = parts.filter((part) => part !== undefined).join("-");
  return name.replace(/[{}]/g, "").replace(/[^\w+=,.@-]/g, "-").slice(0, 64);
}
