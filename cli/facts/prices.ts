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
