import type { Fleet } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { BuildNotStartedError, ConfigurationError, CredentialsError } from "../../shared/program/errors.ts";
import { isFleetName } from "../options/build_image.ts";
import type { StartConfig } from "../options/start_config.ts";
import type { AwsContext, AwsSession } from "./aws_session.ts";
import { fleetMismatch, fleetTrouble, machineCount, mostMachines } from "./fleet_words.ts";

type FleetConfig =
  & Pick<
    StartConfig,
    | "region"
    | "fleet"
    | "fleetArn"
    | "fleetType"
    | "image"
    | "environmentType"
    | "computeType"
    | "webIdentity"
  >
  & Partial<Pick<StartConfig, "machines">>;

/** Whose fleet is meant, and whom to ask. */
export interface FleetQuestion<C extends FleetConfig> extends Pick<AwsContext, "log"> {
  readonly config: C;
  readonly session: Pick<AwsSession, "call">;
  readonly signal: AbortSignal;
}

/**
 * The configuration with the fleet's ARN, which StartBuild wants and which holds an id that no name tells: CodeBuild is asked
 * for a name alone. Rejects with exit code 2 where the build does not fit the fleet, 3 where the right is missing, 4 where there
 * is no such fleet.
 */
export async function settleFleet<C extends FleetConfig>(question: FleetQuestion<C>): Promise<C> {
  const { config, session, log, signal } = question;
  const { fleet: given } = config;
  if (!isFleetName(given)) return { ...config, fleetArn: given };
  const fleet = await session.call((codebuild) => codebuild.getFleet(given, signal), signal).catch(
    (error) => {
      throw error instanceof AwsCallError && /AccessDenied/.test(error.code)
        ? mayNotLook(error, config)
        : error;
    },
  );
  if (fleet?.arn === undefined) throw noFleet(given, config.region);
  const mismatch = fleetMismatch(fleet, config);
  if (mismatch !== undefined) {
    throw new ConfigurationError([`Cannot use --fleet or CODEBUILD_FLEET: ${mismatch}`], {
      hint: "choose --image and --environment-type as the fleet is, or another fleet",
    });
  }
  const { environmentType, computeType } = fleet;
  log.info(`Fleet ${given}: ${environmentType} ${computeType}, ${machineCount(fleet)}`, { fleet: fleet.arn });
  for (const warning of doubts(fleet, config)) log.warning(warning);
  return { ...config, fleetArn: fleet.arn, fleetType: environmentType };
}

/** The refusal to start a build on a fleet that is not there. */
export function noFleet(fleet: string, region: string): BuildNotStartedError {
  return new BuildNotStartedError(`There is no fleet «${fleet}» in ${region} of this account`, {
    hint:
      `check --fleet or CODEBUILD_FLEET: aws codebuild list-fleets --region ${region} shows those that are there`,
  });
}

function mayNotLook(error: AwsCallError, { fleet, region, webIdentity }: FleetConfig): CredentialsError {
  const [, partition = "aws", , , account = "*"] = webIdentity?.roleArn.split(":") ?? [];
  const resource = `arn:${partition}:codebuild:${region}:${account}:fleet/${fleet}:*`;
  return new CredentialsError(`Cannot look up fleet «${fleet}»: ${error.message}`, {
    cause: error,
    hint:
      `give --fleet or CODEBUILD_FLEET the fleet's ARN, for which nobody is asked, or allow codebuild:BatchGetFleets on ` +
      `${resource} in the policy of ${webIdentity?.roleArn ?? "these credentials"}`,
  });
}

/** What may come right by itself, or is CodeBuild's to refuse. */
function doubts(fleet: Fleet, { computeType, machines = 1 }: FleetConfig): string[] {
  const trouble = fleetTrouble(fleet);
  const tooFew = machines > Math.max(1, mostMachines(fleet)) && fleet.overflowBehavior !== "ON_DEMAND";
  const other = computeType !== undefined && fleet.computeType !== undefined &&
    computeType !== fleet.computeType;
  return [
    ...(trouble === undefined ? [] : [`${trouble.message}; ${trouble.hint}`]),
    ...(tooFew
      ? [
        `Fleet ${fleet.name} has ${
          machineCount(fleet)
        }, and --machines asks for ${machines} at once: raise its capacity, ` +
        "set its overflow to ON_DEMAND, or take fewer --machines",
      ]
      : []),
    ...(other
      ? [
        `Fleet ${fleet.name} is of ${fleet.computeType}, and --compute-type asks for ${computeType}: leave that out`,
      ]
      : []),
  ];
}
