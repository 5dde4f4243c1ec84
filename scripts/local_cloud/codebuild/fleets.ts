import { invalidInput } from "../aws/aws_json.ts";

/** A fleet of reserved machines; what is left out is as CodeBuild makes it. */
export interface CodeBuildFleet {
  readonly name: string;
  /** The end of its ARN. */
  readonly id: string;
  readonly environmentType: string;
  readonly computeType: string;
  /** Machines that are there. */
  readonly baseCapacity: number;
  /** Machines that it may grow to; here they are there at once. */
  readonly maxCapacity?: number;
  readonly overflowBehavior: "QUEUE" | "ON_DEMAND";
  readonly status?: { readonly statusCode: string; readonly context?: string; readonly message?: string };
}

/** The account that has the fleets, and what it begins with. */
export interface FleetAccount {
  readonly region: string;
  readonly accountId: string;
  readonly fleets: readonly CodeBuildFleet[];
}

/** In these no build gets a machine, and none ever will. */
const DEAD = ["CREATE_FAILED", "PENDING_DELETION", "DELETING"];

/** The account's fleets, by name. */
export class Fleets {
  readonly all: Map<string, CodeBuildFleet> = new Map();
  readonly #settings: FleetAccount;

  constructor(settings: FleetAccount) {
    this.#settings = settings;
    for (const fleet of settings.fleets) this.all.set(fleet.name, fleet);
  }

  arn({ name, id }: CodeBuildFleet): string {
    const { region, accountId } = this.#settings;
    return `arn:aws:codebuild:${region}:${accountId}:fleet/${name}:${id}`;
  }

  /** The fleet as it is now, by name or ARN. */
  find(nameOrArn: string): CodeBuildFleet | undefined {
    return [...this.all.values()].find((fleet) => nameOrArn === fleet.name || nameOrArn === this.arn(fleet));
  }

  /** The fleet that StartBuild or a project names, by its ARN alone; refuses as CodeBuild may. */
  forBuild(arn: unknown): CodeBuildFleet {
    const fleet = [...this.all.values()].find((one) => arn === this.arn(one));
    if (fleet === undefined) {
      throw invalidInput(`Invalid fleet: ${arn} is not the ARN of a fleet of this account and region`);
    }
    const statusCode = fleet.status?.statusCode ?? "ACTIVE";
    if (DEAD.includes(statusCode)) {
      throw invalidInput(`Fleet ${arn} cannot run builds: its status is ${statusCode}`);
    }
    return fleet;
  }

  /** BatchGetFleets. Source: CodeBuild's service model. */
  describe(names: unknown): object {
    if (!Array.isArray(names) || names.length < 1 || names.length > 100) {
      throw invalidInput("Invalid names: must have between 1 and 100 members");
    }
    const found = names.map((name) => this.find(String(name)));
    return {
      fleets: found.filter((fleet) => fleet !== undefined).map((fleet) => this.#toWire(fleet)),
      fleetsNotFound: names.filter((_, index) => found[index] === undefined),
    };
  }

  #toWire(fleet: CodeBuildFleet): object {
    const { name, id, environmentType, computeType, baseCapacity, maxCapacity, overflowBehavior } = fleet;
    return {
      arn: this.arn(fleet),
      name,
      id,
      status: fleet.status ?? { statusCode: "ACTIVE" },
      baseCapacity,
      environmentType,
      computeType,
      overflowBehavior,
      ...(maxCapacity === undefined ? {} : {
        scalingConfiguration: {
          scalingType: "TARGET_TRACKING_SCALING",
          maxCapacity,
          desiredCapacity: baseCapacity,
        },
      }),
    };
  }
}

/** How many builds the fleet runs at a time as it is now. */
export function roomOf({ status, baseCapacity, maxCapacity = 0 }: CodeBuildFleet): number {
  return (status?.statusCode ?? "ACTIVE") === "ACTIVE" ? Math.max(baseCapacity, maxCapacity) : 0;
}
