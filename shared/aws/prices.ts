import type { Build } from "./aws_codebuild.ts";

/** List prices of on-demand Linux builds, and when and where they held. Source: AWS's price page, and for those that are not certain others' writings. */
export const PRICES = { asOf: "November 2026", region: "us-east-1" } as const;

export interface Price {
  /** Dollars a minute; a build is billed from provisioning to its end, rounded up to a minute. */
  readonly dollars: number;
  /** Whether AWS itself was the source. */
  readonly certain: boolean;
}

const certain = (dollars: number): Price => ({ dollars, certain: true });
const likely = (dollars: number): Price => ({ dollars, certain: false });

const TABLE: Readonly<Record<string, Readonly<Record<string, Price>>>> = {
  LINUX_CONTAINER: {
    BUILD_GENERAL1_SMALL: certain(0.005),
    BUILD_GENERAL1_MEDIUM: certain(0.01),
    BUILD_GENERAL1_LARGE: certain(0.02),
    BUILD_GENERAL1_XLARGE: likely(0.0798),
    BUILD_GENERAL1_2XLARGE: likely(0.2),
  },
  ARM_CONTAINER: {
    BUILD_GENERAL1_SMALL: likely(0.0034),
    BUILD_GENERAL1_MEDIUM: likely(0.007),
    BUILD_GENERAL1_LARGE: likely(0.015),
  },
  LINUX_GPU_CONTAINER: {
    BUILD_GENERAL1_SMALL: likely(0.05),
    BUILD_GENERAL1_LARGE: likely(0.65),
  },
};

/** What a minute of a build costs by the list, in CodeBuild's words for the machine; undefined where nobody knows. */
export function listPrice(
  { environmentType = "", computeType = "" }: {
    readonly environmentType?: string | undefined;
    readonly computeType?: string | undefined;
  },
): Price | undefined {
  return TABLE[environmentType]?.[computeType];
}

/** What a minute of a build costs by the list, and in words. */
export interface MinutePrice {
  readonly dollars: number;
  readonly environmentType: string;
  readonly computeType: string;
  /** As in «list price of LINUX_CONTAINER large in us-east-1, November 2026». */
  readonly list: string;
  /** «about $0.02 a minute: » and that. */
  readonly words: string;
}

/** The price of the machine that a build has; undefined where nobody knows: those of a fleet are paid for in another way. */
export function minutePrice({ environment }: Pick<Build, "environment">): MinutePrice | undefined {
  const { type: environmentType, computeType, fleet } = environment ?? {};
  const price = fleet?.fleetArn === undefined ? listPrice({ environmentType, computeType }) : undefined;
  if (price === undefined || environmentType === undefined || computeType === undefined) return undefined;
  const { dollars, certain } = price;
  const list =
    `list price of ${environmentType} ${sizeWord(computeType)} in ${PRICES.region}, ${PRICES.asOf}` +
    (certain ? "" : ", from second-hand sources");
  return { dollars, environmentType, computeType, list, words: `about $${dollars} a minute: ${list}` };
}

/** A compute type as people write it: `large` for BUILD_GENERAL1_LARGE; of other series CodeBuild's own word. */
export function sizeWord(computeType: string): string {
  return computeType.replace(/^BUILD_GENERAL1_/, "").toLowerCase();
}
