/** How long the parts that need a running step wait, in milliseconds. */
export interface StepPace {
  /** Between two looks at what changes. */
  readonly lookMs: number;
  /** Between two looks for the pipeline that a person starts. */
  readonly personLookMs: number;
  readonly onlineWithinMs: number;
  readonly pipelineWithinMs: number;
  readonly stepWithinMs: number;
  /** Atlassian's runner reports every 30 s. */
  readonly shownWithinMs: number;
  readonly offlineWithinMs: number;
}

/** For the live platform. */
export const STEP_PACE: StepPace = {
  lookMs: 3000,
  personLookMs: 10_000,
  onlineWithinMs: 120_000,
  pipelineWithinMs: 600_000,
  stepWithinMs: 180_000,
  shownWithinMs: 40_000,
  offlineWithinMs: 600_000,
};
