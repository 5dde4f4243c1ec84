import type { LookPacing } from "./look_pacing.ts";
import type { RunnerEvent, StepRef, StepResult } from "./runner_log.ts";

/**
 * The life of a runner as pure decisions: `advance` folds what was learned into the state, and `nextAction`
 * (next_action.ts) says what to do now. Whoever drives them does one action at a time and reports what came of it.
 *
 * Four promises are kept here, and tested with thousands of interleavings against a model of Bitbucket:
 * - A runner that leaves is closed to new steps first, found idle after that, and only then stopped; a step that
 *   slipped in between is served to its end. A stage in which it is stopped or removed cannot hold a step.
 * - No single sense is believed when it says that nothing runs: not the runner's words, which may change with its
 *   version, not what it has running, not Bitbucket, which may be away. And none keeps a runner for ever.
 * - Whatever was registered is unregistered in the end.
 * - Where Bitbucket may not be asked at all, words and hands alone decide: a runner is never stopped while either says
 *   that it works. It can be neither closed nor unregistered; a step on its way in the last moment is lost.
 * - Runners with equal labels form a pool. When another's runner served our pipeline's step, ours owes one to
 *   somebody; it stays for a bounded while, as long as there is somebody to owe it to.
 *
 * A runner that is to linger answers for its own pipeline until that is over, in either mode, and when the pipeline has
 * failed, wherever that was, it stays open for a rerun: another run is another step, which the pool owes or is owed.
 */
export type Lifecycle = Here | Stopping | Unregistering | Clearing | Done;

/** A runner that may serve a step. */
export type Here = Watching | Leaving;

interface Common {
  readonly settings: LifecycleSettings;
  readonly served: readonly ServedStep[];
  /** Why the runner leaves; undefined while it stays. */
  readonly reason: string | undefined;
  /** What went wrong with the runner itself, apart from failed steps. */
  readonly fault: string | undefined;
}

interface Present extends Common {
  readonly work: Work;
  /** What the runner has running beside itself: its processes or containers. */
  readonly hands: Hands;
  /** What of the runner's words is understood: nothing so far, some, or those on a step's beginning and end too. */
  readonly words: "none" | "some" | "steps";
  readonly door: Door;
  /** Whether Bitbucket shows the current step of a runner that is open, and of one that is closed: facts differ. */
  readonly shows: { readonly open: boolean | undefined; readonly closed: boolean | undefined };
  /** Bitbucket itself said that the last step is over. */
  readonly lastStepOver: boolean;
  /** Bitbucket did not know the runner at the last look. */
  readonly missing: boolean;
  /** Calls in a row that failed although they were retried. */
  readonly failures: number;
  /** Looks so far for how the last step of ours ended, where that is to be known before it may go. */
  readonly verdictLooks: number | undefined;
  /** Next look at the runner or its step: to reconcile, to confirm what its hands tell, or to find it idle. */
  readonly nextLook: number;
  readonly pool: Pool;
  readonly pacing: LookPacing;
}

export interface Watching extends Present {
  readonly stage: "watching";
  /** A runner of which nothing but Bitbucket tells is looked at beside each look at its pipeline. */
  readonly owesLook: boolean;
}

export interface Leaving extends Present {
  readonly stage: "leaving";
  readonly reason: string;
  readonly since: number;
  /** Looks in a row that call the runner busy although it seems idle, and when the first of them was. */
  readonly contradictions: number;
  readonly doubtSince: number | undefined;
  /** Next look at all pipelines, and the gap to the one after it. */
  readonly nextOthersLook: number;
  readonly othersGapMs: number;
  /** Somebody wants the program to end by then; undefined where nobody does. */
  readonly deadline: number | undefined;
}

/** Found idle. What was known is kept only for a runner that speaks of a step in the last moment. */
export interface Stopping extends Common {
  readonly stage: "stopping";
  readonly leaving: Leaving;
}

export interface Unregistering extends Common {
  readonly stage: "unregistering";
  readonly failures: number;
  readonly nextAttempt: number;
  readonly deadline: number | undefined;
}

/** What the runner left on the machine is removed. */
export interface Clearing extends Common {
  readonly stage: "clearing";
  readonly unregistered: boolean;
}

export interface Done extends Common {
  readonly stage: "done";
  readonly unregistered: boolean;
  /** Nothing of the runner is left on the machine. */
  readonly gone: boolean;
}

/** What the runner does, by all that is known. Times are monotonic milliseconds. */
export type Work =
  /** `settledAt`: until then the result of a step that nobody told of may still be on its way. */
  | { readonly kind: "idle"; readonly since: number; readonly settledAt?: number }
  | Suspected
  | StepAtWork;

/** It has something running of which neither its words nor Bitbucket tell: never stopped like that, nor closed. */
export interface Suspected {
  readonly kind: "suspected";
  readonly since: number;
  readonly next: "runner" | "steps";
  readonly stepUuid: string | undefined;
  readonly looks: number;
}

export interface StepAtWork {
  readonly kind: "step";
  readonly step: StepRef;
  /** Its end will be told by the same; «guess»: it may be another than this one that the runner has at work. */
  readonly heardBy: "words" | "looks" | "guess";
  readonly since: number;
  /** Since when the runner has nothing running any more, as far as that can be told. */
  readonly quietSince: number | undefined;
  /** Looks since it seemed to be over. */
  readonly looks: number;
  /** Bitbucket does not show it any more: the step itself is asked after. */
  readonly doubted: boolean;
}

export type Hands = "busy" | "idle" | "unknown";

/** Whether Bitbucket may hand over new steps; «refused»: it would not close the runner. */
export interface Door {
  readonly state: "open" | "closed" | "refused";
  readonly attempts: number;
  /** Of the last attempt. */
  readonly at: number;
  /** Closed before the step in progress was over: nothing can have slipped in, since a runner serves one at a time. */
  readonly whileBusy: boolean;
}

/** What is known of pipelines, ours and others. */
export interface Pool {
  /** Nothing more comes from our pipeline by itself: it has ended, or it waits for a person. */
  readonly over: "ended" | "at a manual gate" | undefined;
  readonly overAt: number;
  readonly gateLooks: number;
  /** Steps that others served for our pipeline less those we served for others; known once our pipeline is over. */
  readonly debt: number | undefined;
  /** Open for a rerun of our failed pipeline, until a moment in monotonic milliseconds. */
  readonly lingerUntil: number | undefined;
  /** The run whose failure it has stayed for, or does; none once another run has begun. */
  readonly failedRun: number | undefined;
  /** Other unfinished pipelines of the repository at the last look at all of them, and whether ours was among the ended. */
  readonly others: number | undefined;
  readonly ownEnded: boolean;
}

export interface LifecycleSettings {
  readonly mode: "single-step" | "multi-step";
  /** «never»: the agent has nothing to ask it with, and goes by the runner's words and hands alone. */
  readonly bitbucket: "asked" | "never";
  /** A runner that has served a step of another pipeline, or of an unknown one, leaves. */
  readonly ownPipelineOnly: boolean;
  readonly pipelineUuid: string;
  /** Shortest time between two looks at the pipeline, in milliseconds. */
  readonly shortestLookMs: number;
  /** Time without a step after which the runner leaves, in milliseconds; Infinity for never. */
  readonly idleTimeoutMs: number;
  /** How long it stays open for a rerun after its pipeline has failed, in milliseconds; 0 for not at all. */
  readonly lingerMs: number;
  /** Whether a later phase of the build finishes what this one leaves. */
  readonly handsOver: boolean;
}

export interface ServedStep extends StepRef {
  readonly result: StepResult;
}

/** A runner as Bitbucket shows it. */
export interface RunnerView {
  readonly closed: boolean;
  readonly busy: boolean;
  readonly stepUuid?: string | undefined;
}

export type LifecycleEvent =
  | RunnerEvent
  /** «unknown» is not «dead»: nobody could look. */
  | { readonly type: "pulse"; readonly pulse: "alive" | "dead" | "unknown" }
  | { readonly type: "hands"; readonly hands: Hands }
  /** Senses have contradicted each other for too long. */
  | { readonly type: "disagreement over" }
  /** Without Bitbucket's word: nothing has told of a step for long enough. */
  | { readonly type: "settled" }
  | { readonly type: "interrupted"; readonly why: string }
  | { readonly type: "told to leave"; readonly why: string }
  | { readonly type: "out of time" }
  | {
    readonly type: "close answered";
    readonly refused: boolean;
    /** «unread»: the closing was taken, and then Bitbucket could not be asked; «trusted»: it need not be, see `CloseResult`. */
    readonly runner: RunnerView | "unread" | "trusted" | undefined;
  }
  | { readonly type: "runner seen"; readonly runner: RunnerView | undefined }
  /** What another runner of the build has shown of Bitbucket's ways. */
  | { readonly type: "ways shown"; readonly shows: Here["shows"] }
  /** Another runner of the build has served a step of our pipeline to its end. */
  | { readonly type: "step ended beside" }
  /** `result`: as Bitbucket words it, where it is told. */
  | { readonly type: "step seen"; readonly completed: boolean; readonly result?: StepResult }
  /** The step of ours that may be the one at work, if there is one, and whether it can be no other. */
  | { readonly type: "own steps seen"; readonly step: StepRef | undefined; readonly sure: boolean }
  /** `failedRun`: the number of the run that has failed, where failed steps can be run again. */
  | {
    readonly type: "pipeline seen";
    readonly over: Pool["over"];
    readonly failedRun?: number | undefined;
    readonly stretch: number;
  }
  | { readonly type: "elsewhere seen"; readonly ranElsewhere: number }
  | {
    readonly type: "others seen";
    readonly unfinished: number;
    readonly ownEnded: boolean;
    readonly stretch: number;
  }
  | { readonly type: "stopped" }
  | { readonly type: "unregistered" }
  | { readonly type: "cleaned" }
  | { readonly type: "call failed"; readonly action: string };

/** A step result that is not known, since the runner's output broke off or says nothing that is understood. */
export const UNKNOWN_RESULT = "UNKNOWN";
/** The pipeline of a step that Bitbucket shows without telling whose it is, and that is not ours. */
export const SOMEBODYS_PIPELINE = "";

/** No build serves more steps; more than that are told by a log that somebody forges. */
export const MOST_SERVED = 1_000;

/** Whether a life is in a stage in which the runner may serve a step. */
export function isHere(life: Lifecycle): life is Here {
  return life.stage === "watching" || life.stage === "leaving";
}
