import { type LookPacing, startPacing } from "./look_pacing.ts";
import type { RunnerEvent, StepRef, StepResult } from "./runner_log.ts";

/**
 * The life of a runner as pure decisions: `advance` folds what was learned into the state, and `nextAction`
 * (next_action.ts) says what to do now. Whoever drives them does one action at a time and reports what came of it.
 *
 * Three promises are kept here, and tested with thousands of interleavings against a model of Bitbucket:
 * - A runner that leaves is closed to new steps first, found idle after that, and only then stopped; a step that
 *   slipped in between is served to its end.
 * - Whatever was registered is unregistered in the end.
 * - Runners with equal labels form a pool. When another's runner served our pipeline's step, ours owes one to
 *   somebody; it stays for a bounded while, as long as there is somebody to owe it to.
 */
export interface Lifecycle {
  readonly settings: LifecycleSettings;
  readonly stage: Stage;
  readonly door: Door;
  readonly closeAttempts: number;
  /** Closed before the step in progress was over: nothing can have slipped in, since a runner serves one at a time. */
  readonly closedWhileBusy: boolean;
  /** The step in progress, by the runner's output. */
  readonly running: StepRef | undefined;
  readonly served: readonly ServedStep[];
  /** Why the runner leaves; undefined while it stays. */
  readonly reason: string | undefined;
  /** What went wrong with the runner itself, apart from failed steps. */
  readonly fault: string | undefined;
  /** Someone wants the program to end now. */
  readonly hurry: boolean;
  /** Whether Bitbucket shows a runner's current step (facts differ); undefined until a busy runner was looked at. */
  readonly showsStep: boolean | undefined;
  /** Bitbucket itself said that the last step is over; asked for only where it does not show a runner's step. */
  readonly lastStepOver: boolean;
  /** Looks in a row that contradict the runner's output. */
  readonly contradictions: number;
  /** Calls in a row that failed although they were retried. */
  readonly failures: number;
  readonly unregistered: boolean;
  /** Nothing more comes from our pipeline by itself: it has ended, or it waits for a person. */
  readonly over: "ended" | "at a manual gate" | undefined;
  readonly gateLooks: number;
  /** Steps that others served for our pipeline less those we served for others; known once our pipeline is over. */
  readonly debt: number | undefined;
  /** Other unfinished pipelines of the repository at the last look at all of them, and whether ours was among the ended. */
  readonly others: number | undefined;
  readonly ownEnded: boolean;
  /** While leaving: next look at all pipelines, and the gap to the one after it. */
  readonly nextOthersLook: number;
  readonly othersGapMs: number;
  /** Since when there is no step, since when the runner is closed, since when our pipeline is over. */
  readonly idleSince: number;
  readonly closedAt: number;
  readonly overAt: number;
  /** Next look at the runner: while a step runs, to reconcile; while leaving, to find it idle. */
  readonly nextRunnerLook: number;
  readonly pacing: LookPacing;
}

export interface LifecycleSettings {
  readonly mode: "single-step" | "multi-step";
  readonly pipelineUuid: string;
  /** Shortest time between two looks at the pipeline, in milliseconds. */
  readonly shortestLookMs: number;
  /** Time without a step after which the runner leaves, in milliseconds; Infinity for never. */
  readonly idleTimeoutMs: number;
}

export type Stage = "watching" | "leaving" | "stopping" | "unregistering" | "done";
/** Whether Bitbucket may hand over new steps; «refused»: it would not close the runner. */
export type Door = "open" | "closed" | "refused";

export interface ServedStep extends StepRef {
  readonly result: StepResult;
}

/** A runner as Bitbucket shows it. */
export interface RunnerView {
  readonly closed: boolean;
  readonly busy: boolean;
}

export type LifecycleEvent =
  | RunnerEvent
  | { readonly type: "runner exited" }
  | { readonly type: "interrupted"; readonly why: string }
  | { readonly type: "told to leave"; readonly why: string }
  | { readonly type: "close answered"; readonly refused: boolean; readonly runner: RunnerView | undefined }
  | { readonly type: "runner seen"; readonly runner: RunnerView | undefined }
  | { readonly type: "step seen"; readonly completed: boolean }
  | { readonly type: "pipeline seen"; readonly over: Lifecycle["over"]; readonly stretch: number }
  | { readonly type: "elsewhere seen"; readonly ranElsewhere: number }
  | {
    readonly type: "others seen";
    readonly unfinished: number;
    readonly ownEnded: boolean;
    readonly stretch: number;
  }
  | { readonly type: "stopped" }
  | { readonly type: "unregistered" }
  | { readonly type: "call failed"; readonly action: string };

/** A step result that is not known, since the runner's output broke off. */
export const UNKNOWN_RESULT = "UNKNOWN";
const FIRST_OTHERS_GAP_MS = 1_000;

/** The life of a runner that is registered, online and idle at a moment in monotonic milliseconds. */
export function startLifecycle(settings: LifecycleSettings, at: number): Lifecycle {
  return {
    settings,
    stage: "watching",
    door: "open",
    closeAttempts: 0,
    closedWhileBusy: false,
    running: undefined,
    served: [],
    reason: undefined,
    fault: undefined,
    hurry: false,
    showsStep: undefined,
    lastStepOver: false,
    contradictions: 0,
    failures: 0,
    unregistered: false,
    over: undefined,
    gateLooks: 0,
    debt: undefined,
    others: undefined,
    ownEnded: false,
    nextOthersLook: at,
    othersGapMs: FIRST_OTHERS_GAP_MS,
    idleSince: at,
    closedAt: at,
    overAt: at,
    nextRunnerLook: at,
    pacing: startPacing(settings.shortestLookMs, at),
  };
}
