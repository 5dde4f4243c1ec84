import type { Fleet } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { BuildNotStartedError, type ProgramError } from "../../shared/program/errors.ts";
import type { StartConfig } from "../options/start_config.ts";
import type { AwsSession } from "./aws_session.ts";
import { fleetMismatch, fleetTrouble } from "./fleet_words.ts";
import { noFleet } from "./settle_fleet.ts";

type FleetConfig = Pick<StartConfig, "fleet" | "region" | "image" | "environmentType">;

export interface FleetFailure {
  readonly config: FleetConfig;
  readonly session: Pick<AwsSession, "call">;
  readonly signal: AbortSignal;
}

/** The failure with a hint that fits the fleet as it is now, where StartBuild's refusal speaks of it. Rejects as the signal does. */
export async function withFleetHint(
  failure: ProgramError,
  error: AwsCallError,
  { config, session, signal }: FleetFailure,
): Promise<ProgramError> {
  const { fleet: given, region } = config;
  const ofFleet = error.call === "StartBuild" && ["invalid", "not found"].includes(error.kind) &&
    /fleet/i.test(error.message);
  if (!ofFleet) return failure;
  const fleet = given === undefined ? undefined : await seenFleet(session, given, signal);
  const hint = given === undefined || fleet === "unseen"
    ? "see that the fleet is there, ACTIVE, in this region, and of the build's environment type: --fleet, --environment-type"
    : fleet === undefined
    ? noFleet(given, region).hint
    : hintFor(fleet, config);
  return new BuildNotStartedError(failure.message, { cause: error, hint });
}

/** The fleet as it is; «unseen» where it may not be looked at, or cannot be for now. Rejects as the signal does. */
export async function seenFleet(
  session: Pick<AwsSession, "call">,
  nameOrArn: string,
  signal: AbortSignal,
): Promise<Fleet | "unseen" | undefined> {
  try {
    return await session.call((codebuild) => codebuild.getFleet(nameOrArn, signal), signal);
  } catch (error) {
    if (error instanceof AwsCallError) return "unseen";
    throw error;
  }
}

function hintFor(fleet: Fleet, config: FleetConfig): string {
  const trouble = fleetTrouble(fleet);
  if (trouble !== undefined) return `${trouble.message}; ${trouble.hint}`;
  return fleetMismatch(fleet, config) ??
    `the fleet is of ${fleet.environmentType} ${fleet.computeType}: set --environment-type, --compute-type and --image so`;
}
