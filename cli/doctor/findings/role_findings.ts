import type { ProgramError } from "../../../shared/program/errors.ts";
import { AwsCallError } from "../../../shared/aws/aws_errors.ts";
import { sessionDurationS } from "../../aws/role_session.ts";
import { type Answer, refused } from "../answer.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { type Finding, ok, unknown } from "../finding.ts";

/** Whose credentials AWS takes these for. */
export interface Caller {
  readonly account: string;
  readonly arn: string;
}

/** Whether AWS lets us in, and as whom; `sessionS` is how long the role's credentials last, in seconds. */
export function roleFindings(config: DoctorConfig, caller: Answer<Caller>, sessionS: number): Finding[] {
  if ("error" in caller && !isLetIn(caller.error, config)) {
    return [refused("role", caller.error, config), unknown("account", "AWS lets nobody in")];
  }
  const account = "error" in caller
    ? unknown("account", caller.error.message)
    : ok("account", `${caller.value.account}, as ${caller.value.arn}`);
  return [roleFinding(config, sessionS), account];
}

/** Whoever has assumed the role is in, even where nobody says as whom. */
export function isLetIn(error: ProgramError, { webIdentity }: DoctorConfig): boolean {
  return webIdentity !== undefined && error instanceof AwsCallError && error.call === "GetCallerIdentity";
}

function roleFinding(config: DoctorConfig, sessionS: number): Finding {
  const { webIdentity, role } = config;
  if (webIdentity === undefined) {
    return role === undefined
      ? ok("role", "no role is assumed, the default AWS credentials are good")
      : unknown("role", `${role} is assumed in a step alone; the default AWS credentials are good`);
  }
  const wanted = sessionDurationS(config);
  const detail = `${webIdentity.roleArn} is assumed for ${sessionS} s`;
  return sessionS >= wanted ? ok("role", detail) : ok(
    "role",
    `${detail}, and the longest wait takes ${wanted} s`,
    "raise the role's maximum session duration, or lower --capacity-timeout and --startup-timeout",
  );
}
