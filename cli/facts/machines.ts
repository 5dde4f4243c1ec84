/** What CodeBuild's sizes have, and the quota that counts their builds. */
export interface Machine {
  readonly memoryGb: number;
  /** Code of the quota «Concurrently running builds» of this size, of the service `codebuild`; undefined where unknown. */
  readonly quotaCode: string | undefined;
}

/** Atlassian asks for this much memory, in GB, on the host of a runner. Source: its page on Linux shell runners. */
export const LEAST_MEMORY_GB = 8;
/** Less than this for each of several runners, in GB, is too little even for small steps: Java alone takes half a GB. */
const LEAST_SHARE_GB = 2;

const machine = (memoryGb: number, quotaCode?: string): Machine => ({ memoryGb, quotaCode });

/** Source: CodeBuild user guide, compute types; Service Quotas' list of CodeBuild's quotas. */
const MACHINES: Readonly<Record<string, Readonly<Record<string, Machine>>>> = {
  LINUX_CONTAINER: {
    BUILD_GENERAL1_SMALL: machine(4, "L-9D07B6EF"),
    BUILD_GENERAL1_MEDIUM: machine(8, "L-2DC20C30"),
    BUILD_GENERAL1_LARGE: machine(16, "L-4DDC4A99"),
    BUILD_GENERAL1_XLARGE: machine(72, "L-04E5CA62"),
    BUILD_GENERAL1_2XLARGE: machine(144, "L-0397D009"),
  },
  ARM_CONTAINER: {
    BUILD_GENERAL1_SMALL: machine(4, "L-5ED1D25B"),
    BUILD_GENERAL1_MEDIUM: machine(8, "L-DF544FF3"),
    BUILD_GENERAL1_LARGE: machine(16, "L-596BEAB4"),
    BUILD_GENERAL1_XLARGE: machine(64, "L-8D06F3EA"),
    BUILD_GENERAL1_2XLARGE: machine(96, "L-1E43FDE0"),
  },
  LINUX_EC2: {
    BUILD_GENERAL1_SMALL: machine(4),
    BUILD_GENERAL1_MEDIUM: machine(8),
    BUILD_GENERAL1_LARGE: machine(16),
  },
  ARM_EC2: {
    BUILD_GENERAL1_SMALL: machine(4),
    BUILD_GENERAL1_MEDIUM: machine(8),
    BUILD_GENERAL1_LARGE: machine(16),
  },
};

/** The machine behind an environment type and a compute type, in CodeBuild's words; undefined where nobody knows. */
export function machineOf(
  { environmentType = "", computeType = "" }: {
    readonly environmentType?: string | undefined;
    readonly computeType?: string | undefined;
  },
): Machine | undefined {
  return MACHINES[environmentType]?.[computeType];
}

/** What to say of a machine that is likely too small for several runners; undefined where it is not, or nobody knows. */
export function tightMemory(
  { type, computeType, runners }: {
    readonly type?: string | undefined;
    readonly computeType?: string | undefined;
    readonly runners: number;
  },
): string | undefined {
  const memoryGb = machineOf({ environmentType: type, computeType })?.memoryGb;
  if (memoryGb === undefined || runners < 2 || memoryGb / runners >= LEAST_SHARE_GB) return undefined;
  return `${runners} runners share the ${memoryGb} GB of memory of ${computeType}, and Atlassian asks for ` +
    `${LEAST_MEMORY_GB} GB on the host of one`;
}
