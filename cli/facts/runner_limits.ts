/** Bitbucket's limit of runners in a repository, and in a workspace. Source: Atlassian's own autoscaler. */
export const MOST_REGISTERED = 100;

/**
 * Identities that fit sealed into one variable of 4,096 characters as long as a runner's secret has no more than 100: they are
 * nothing that could be compressed.
 */
export const MOST_SEALED = 20;

/** How many runners a start asks for, and how their identities get into the build. */
export interface RunnerDemand {
  /** Of one build. */
  readonly runners: number;
  readonly machines: number;
  /** Whether identities are handed on sealed. */
  readonly sealed: boolean;
}

/** Why so many runners cannot be had; empty where they can. */
export function runnerLimitProblems({ runners, machines, sealed }: RunnerDemand): string[] {
  const all = runners * machines;
  return [
    ...(all <= MOST_REGISTERED ? [] : [
      `Cannot start ${all} runners, as --runners ${runners} and --machines ${machines} ask: Bitbucket takes at most ` +
      `${MOST_REGISTERED} in a repository and in a workspace`,
    ]),
    ...(!sealed || runners <= MOST_SEALED ? [] : [
      `Cannot seal the identities of ${runners} runners into one variable: with --credentials runner and --kms-key a build ` +
      `hosts at most ${MOST_SEALED}; give --runners ${MOST_SEALED} or less, or another --credentials`,
    ]),
  ];
}
