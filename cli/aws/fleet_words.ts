import type { Fleet } from "../../shared/aws/aws_codebuild.ts";
import { shortened } from "../../shared/output/plain_text.ts";
import { ENVIRONMENT_TYPES, imageMismatch, type MachineWords } from "../options/build_image.ts";

/** How a fleet is, and what to do about it. */
export interface FleetTrouble {
  /** A sentence. */
  readonly message: string;
  readonly hint: string;
}

const WAIT = "builds wait until it is done: run the step again later, or leave --fleet out";
const REMAKE =
  "see the fleet in the console (CodeBuild, Compute fleets), mend or replace it, or leave --fleet out";
const NO_MACHINES =
  "give the fleet another instance type or more time, overflow ON_DEMAND, or leave --fleet out";

/** What a fleet's status says to whoever wants a build there. Source: CodeBuild's model, `FleetStatus`. */
const STATUS: Readonly<Record<string, readonly [is: string, hint: string]>> = {
  CREATING: ["is being created", WAIT],
  UPDATING: ["is being updated", WAIT],
  ROTATING: ["exchanges its machines", WAIT],
  PENDING_DELETION: ["is about to be deleted", "name another fleet, or leave --fleet out"],
  DELETING: ["is being deleted", "name another fleet, or leave --fleet out"],
  CREATE_FAILED: ["could not be created", REMAKE],
  UPDATE_ROLLBACK_FAILED: ["is broken since an update of it failed", REMAKE],
};
const CONTEXT: Readonly<Record<string, readonly [is: string, hint: string]>> = {
  INSUFFICIENT_CAPACITY: ["gets no machines, since AWS has none of their kind at the moment", NO_MACHINES],
  ACTION_REQUIRED: ["waits for somebody to do something about it", REMAKE],
  UPDATE_FAILED: ["is as it was before an update of it failed", REMAKE],
  PENDING_DELETION: ["is about to be deleted", "name another fleet, or leave --fleet out"],
};

/** Why no machine of the fleet may be there for a build; undefined where it is as it should be. */
export function fleetTrouble({ name = "", status, ...fleet }: Fleet): FleetTrouble | undefined {
  const { statusCode = "ACTIVE", context = "", message } = status ?? {};
  const [is, hint] = CONTEXT[context] ?? STATUS[statusCode] ?? [];
  const said = message ? `: ${shortened(message)}` : "";
  if (is !== undefined && hint !== undefined) {
    return { message: `Fleet ${name} ${is} (${statusCode})${said}`, hint };
  }
  return mostMachines(fleet) > 0
    ? undefined
    : { message: `Fleet ${name} has no machines`, hint: "raise its capacity, or leave --fleet out" };
}

/** How many machines the fleet has, or may grow to. */
export function mostMachines({ baseCapacity = 0, scalingConfiguration }: Fleet): number {
  const { desiredCapacity = 0, maxCapacity = 0 } = scalingConfiguration ?? {};
  return Math.max(baseCapacity, desiredCapacity, maxCapacity);
}

/** The fleet's machines, as in «2 machines, at most 5». */
export function machineCount({ baseCapacity = 0, scalingConfiguration, ...fleet }: Fleet): string {
  const now = scalingConfiguration?.desiredCapacity ?? baseCapacity;
  const most = mostMachines({ ...fleet, baseCapacity, scalingConfiguration });
  return `${now} ${now === 1 ? "machine" : "machines"}${most > now ? `, at most ${most}` : ""}`;
}

/** Why a build that is to run on the fleet stays in the queue, as far as the fleet tells; a sentence. */
export function queuedOnFleet(fleet: Fleet): string {
  const trouble = fleetTrouble(fleet);
  if (trouble !== undefined) return `${trouble.message}; ${trouble.hint}`;
  const { name = "", overflowBehavior = "QUEUE" } = fleet;
  const full = `The machines of fleet ${name} (${machineCount(fleet)}) are busy or starting`;
  return overflowBehavior === "ON_DEMAND"
    ? `${full}, and builds beyond them run on demand (overflow ON_DEMAND): there this one waits for the account's quota`
    : `${full}, and builds beyond them wait (overflow QUEUE): raise its capacity, set its overflow to ON_DEMAND, or ` +
      "leave --fleet out";
}

/** Why the build does not fit the fleet; undefined where it does, or nobody knows. Source: AWS CDK, where both types must be the same. */
export function fleetMismatch(
  { name = "", environmentType: type }: Fleet,
  { image, environmentType }: MachineWords,
): string | undefined {
  if (type === undefined) return undefined;
  const known = ENVIRONMENT_TYPES.find((one) => one === type);
  if (known === undefined) return `no runner runs on fleet ${name}, which is of ${type}`;
  if (environmentType !== undefined) {
    return environmentType === type ? undefined : `fleet ${name} is of ${type}, not of ${environmentType}`;
  }
  const mismatch = image === undefined ? undefined : imageMismatch(image, known);
  return mismatch === undefined ? undefined : `${mismatch}, which fleet ${name} is of`;
}
