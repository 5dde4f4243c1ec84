import type { Build, Project } from "../../../shared/aws/aws_codebuild.ts";
import { SESSION_ACTIONS, SESSION_REMEDY } from "../../../shared/output/held_build.ts";
import type { Answer } from "../answer.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok, unknown } from "../finding.ts";

const CHECK = "session";

/**
 * Whether somebody could get into a build that `--debug-on-failure` holds: AWS shows the builds' role to nobody here, so what
 * the newest build with session support has come to tells it. Empty where nothing is to be held.
 */
export function sessionFindings(
  { debugMinutes }: Pick<DoctorConfig, "debugMinutes">,
  project: Project | undefined,
  builds: Answer<readonly Build[]>,
): Finding[] {
  if (!debugMinutes) return [];
  const tried = "value" in builds
    ? builds.value.find(({ debugSession, buildComplete }) => debugSession?.sessionEnabled && buildComplete)
    : undefined;
  if (tried?.debugSession?.sessionTarget !== undefined) return [ok(CHECK, `build ${tried.id} had a session`)];
  if (tried !== undefined) {
    return [fail(CHECK, `build ${tried.id} was to have a session, and had none`, SESSION_REMEDY)];
  }
  return [unknown(
    CHECK,
    "no build so far shows whether the builds' role may open sessions",
    `aws iam simulate-principal-policy --policy-source-arn ${project?.serviceRole ?? "SERVICE_ROLE_ARN"} ` +
      `--action-names ${SESSION_ACTIONS.join(" ")} tells it; ${SESSION_REMEDY}`,
  )];
}
