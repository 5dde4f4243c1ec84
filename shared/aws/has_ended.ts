import type { Build } from "./aws_codebuild.ts";

/**
 * Whether nothing of the build runs any more. A final status alone does not say so: a build that fails or is being
 * stopped has one while it still cleans up after itself.
 */
export function hasEnded(build: Pick<Build, "buildComplete" | "buildStatus" | "currentPhase">): boolean {
  const final = (build.buildStatus ?? "IN_PROGRESS") !== "IN_PROGRESS";
  return build.buildComplete === true || (final && build.currentPhase === "COMPLETED");
}
