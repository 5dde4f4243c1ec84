import type { StepRef } from "../../../../agent/life/runner_log.ts";

/** What a run of the model is like; everything else is drawn from the seed. */
export interface World {
  readonly seed: number;
  readonly pipelines: readonly {
    readonly mode: "single-step" | "multi-step";
    readonly startMs: number;
    /** Between the runner's being online and the pipeline's first step for it, at most. */
    readonly firstStepMs: number;
    readonly steps: number;
    /** How many runners its build hosts, and whether its steps begin all at once. */
    readonly runners: number;
    readonly parallel: boolean;
    /** Whether its runner lingers after a failure; only then somebody runs failed steps again. */
    readonly lingers?: boolean;
  }[];
  /** Share of runs of a step that fail, of failures that are run again, and until when they are. */
  readonly fails: number;
  readonly reruns: number;
  readonly lingerMs: number;
  /** Whether the agents may ask Bitbucket, and whether their runners leave after a step of another pipeline. */
  readonly bitbucket: "asked" | "never";
  readonly ownPipelineOnly: boolean;
  /** Whether Bitbucket shows the step a runner is busy with, and does so of a closed one. */
  readonly showsStep: boolean;
  readonly hidesClosed: boolean;
  /** Whether the runner's words are understood, and whether it can be seen what it has running. */
  readonly mute: boolean;
  readonly handsSeen: boolean;
  readonly idleTimeoutMs: number;
  /**
   * Share of API calls whose answer is lost; half of these have had their effect. At most two in a row: a call
   * stands for one with all its retries.
   */
  readonly lostAnswers: number;
  /** Share of answers that call a runner unknown which is not; never two in a row. */
  readonly lies: number;
  /** From when on Bitbucket is away for ten minutes; undefined when never. */
  readonly outageAt: number | undefined;
  /** Share of pipelines that somebody stops, of runners that crash, and of phases that get a signal. */
  readonly stops: number;
  readonly crashes: number;
  readonly signals: number;
  /** Share of runners that now and then cannot be looked at, and of those that have something else running. */
  readonly blinks: number;
  readonly ghosts: number;
}

/** A world in which nothing goes wrong. */
export const CALM = {
  bitbucket: "asked",
  ownPipelineOnly: false,
  fails: 0,
  reruns: 0,
  lingerMs: 0,
  hidesClosed: false,
  mute: false,
  handsSeen: true,
  idleTimeoutMs: 30 * 60_000,
  lostAnswers: 0,
  lies: 0,
  outageAt: undefined,
  stops: 0,
  crashes: 0,
  signals: 0,
  blinks: 0,
  ghosts: 0,
} as const;

export interface ModelStep extends StepRef {
  readonly pipeline: ModelPipeline;
  state: "waiting" | "queued" | "assigned" | "done" | "failed" | "stopped";
}

export interface ModelPipeline {
  readonly uuid: string;
  readonly steps: ModelStep[];
  readonly build: number;
  readonly parallel: boolean;
  readonly lingers: boolean;
  ended: boolean;
  /** The current run, and whether it is over and has failed. */
  run: number;
  failed: boolean;
  ranElsewhere: number;
}

/** What the model needs of a runner's machine and registration. */
export interface Machine {
  readonly index: number;
  readonly build: number;
  registered: boolean;
  alive: boolean;
  closed: boolean;
  busyWith: ModelStep | undefined;
  crashed: boolean;
  signalled: boolean;
  liedTo: boolean;
  /** The agent has been told of what it has at work now, by words or by what it has running. */
  told: boolean;
  /** What has been told of its hands last. */
  full: boolean;
  /** When it came online, or last had something running. */
  lastActive: number;
  /** When it was told of a step of another pipeline first, and when it has ended one. */
  strangersBegan: number | undefined;
  strangersEnded: number | undefined;
}
