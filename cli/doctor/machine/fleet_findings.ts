import type { Fleet, Project } from "../../../shared/aws/aws_codebuild.ts";
import { fleetMismatch, fleetTrouble, machineCount } from "../../aws/fleet_words.ts";
import type { AwsSession } from "../../aws/aws_session.ts";
import { type Answer, ask, isDenied, refused, unanswered } from "../answer.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { fail, type Finding, ok } from "../finding.ts";

const CHECK = "fleet";

/** The fleet of the builds, and what CodeBuild says about it. */
export interface FleetLook {
  /** Name or ARN. */
  readonly fleet: string;
  readonly answer: Answer<Fleet | undefined>;
}

/** Asks for the fleet that a start would name, or else the project's; undefined where builds are on none. */
export async function askFleet(
  session: AwsSession,
  { fleet: named }: DoctorConfig,
  project: Project | undefined,
  signal: AbortSignal,
): Promise<FleetLook | undefined> {
  const fleet = named ?? project?.environment?.fleet?.fleetArn;
  if (fleet === undefined) return undefined;
  const answer = await ask(
    signal,
    () => session.call((codebuild) => codebuild.getFleet(fleet, signal), signal),
  );
  return { fleet, answer };
}

/** The fleet itself, where it could be seen. */
export function seenFleet(look: FleetLook | undefined): Fleet | undefined {
  return look !== undefined && "value" in look.answer ? look.answer.value : undefined;
}

/** Whether there is such a fleet, with machines, on which these builds can run. */
export function fleetFindings(config: DoctorConfig, look: FleetLook | undefined): Finding[] {
  if (look === undefined) return [];
  const { fleet: named, answer } = look;
  if ("error" in answer) return [unseen(config, named, answer.error)];
  const fleet = answer.value;
  if (fleet === undefined) {
    return [fail(
      CHECK,
      `there is no fleet «${named}» in ${config.region} of this account`,
      `check --fleet, or the project's environment: aws codebuild list-fleets --region ${config.region}`,
    )];
  }
  const mismatch = fleetMismatch(fleet, config);
  if (mismatch !== undefined) {
    return [fail(CHECK, mismatch, "choose --image and --environment-type as the fleet is, or another fleet")];
  }
  const trouble = fleetTrouble(fleet);
  if (trouble !== undefined) return [fail(CHECK, trouble.message, trouble.hint)];
  const { name, environmentType, computeType, overflowBehavior } = fleet;
  return [ok(
    CHECK,
    `${name} is ACTIVE: ${environmentType} ${computeType}, ${machineCount(fleet)}, overflow ${
      overflowBehavior ?? "QUEUE"
    }`,
    "it costs as long as it has machines; what it caches can be read by every project of the account",
  )];
}

/** A start with an ARN does without the right, one with a name does not. */
function unseen(
  config: DoctorConfig,
  named: string,
  error: Extract<FleetLook["answer"], { error: unknown }>["error"],
) {
  const see = `aws codebuild batch-get-fleets --names ${named} --region ${config.region}`;
  if (!isDenied(error) || config.fleet === undefined || named.startsWith("arn:")) {
    return unanswered(CHECK, error, "codebuild:BatchGetFleets", see);
  }
  const { detail } = refused(CHECK, error, config);
  return fail(
    CHECK,
    detail,
    "allow codebuild:BatchGetFleets, or give --fleet the fleet's ARN, for which nobody is asked",
  );
}
