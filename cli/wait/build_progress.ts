import type { Build, BuildPhase } from "../../shared/aws/aws_codebuild.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";

/** What a look at the build says about its runner. */
export type RunnerState = "waiting" | "online" | "ended";

/**
 * The runner is online once `pre_build` has succeeded, since it waits for that. The phase BUILD may be skipped over
 * between two looks; a build that has ended is a failure, whatever its phase. One that is failing is waited for, as it
 * still cleans up after itself.
 */
export function runnerState(build: Build): RunnerState {
  if (hasEnded(build)) return "ended";
  const phases = build.phases ?? [];
  const failing = (build.buildStatus ?? "IN_PROGRESS") !== "IN_PROGRESS" || phases.some(isFailed);
  if (failing) return "waiting";
  return hasBeenOnline(build) ? "online" : "waiting";
}

/** Whether the build's runner has come online at some time, whatever became of it. */
export function hasBeenOnline(build: Build): boolean {
  const prepared = ({ phaseType, phaseStatus }: BuildPhase) =>
    phaseType === "PRE_BUILD" && phaseStatus === "SUCCEEDED";
  return build.currentPhase === "BUILD" || (build.phases ?? []).some(prepared);
}

/** Phases that begin long enough before a runner is online for a look to hold for some seconds. */
const EARLY_PHASES = ["SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL"];

/** Whether the build was so far from having its runner online that a moment changes nothing about it. */
export function isFarFromOnline(build: Build): boolean {
  return !hasBeenOnline(build) && EARLY_PHASES.includes(build.currentPhase ?? "");
}

/** Whether the build still waits for a machine, so that there is nothing to see for a while. */
export function isQueued(build: Build): boolean {
  return build.currentPhase === "SUBMITTED" || build.currentPhase === "QUEUED";
}

/** The phase that failed: the one with an explanation if there are several. */
export function failedPhase(build: Build): BuildPhase | undefined {
  const failed = (build.phases ?? []).filter(isFailed);
  return failed.find((phase) => phase.contexts?.some((context) => context.message)) ?? failed[0];
}

function isFailed(phase: BuildPhase): boolean {
  return !["SUCCEEDED", "IN_PROGRESS", "QUEUED", undefined].includes(phase.phaseStatus);
}
