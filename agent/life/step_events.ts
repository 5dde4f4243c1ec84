import { leftAsItIs } from "./last_stages.ts";
import {
  hasFailed,
  overInWords,
  owes,
  servesStrangers,
  SETTLE_MS,
  SETTLE_UNASKED_MS,
  staysOn,
} from "./leaving_rules.ts";
import {
  type Hands,
  type Here,
  isHere,
  type Leaving,
  type Lifecycle,
  MOST_SERVED,
  type Pool,
  type ServedStep,
  type StepAtWork,
  type Suspected,
  UNKNOWN_RESULT,
} from "./lifecycle_state.ts";
import { afterStep } from "./look_pacing.ts";
import type { StepRef, StepResult } from "./runner_log.ts";

/** Time between reconciling looks at a busy runner, in shortest gaps: forty minutes at the default interval. */
const BUSY_LOOK_GAPS = 240;
/** The same where it seems to have nothing running, though its words tell of a step, in milliseconds. */
const QUIET_LOOK_MS = 60_000;
/** The result of a step takes some tenths of a second to arrive, as a rule: a look before that is for nothing. */
const RESULT_MS = 350;

/** When to look again, to reconcile, at a runner whose step's end will be told by itself. */
export function nextBusyLook(life: Here, at: number): number {
  return at + life.settings.shortestLookMs * BUSY_LOOK_GAPS;
}

/** A step has begun, by the runner's words or by looks that confirm each other. */
export function stepStarted(
  life: Lifecycle,
  step: StepRef,
  heardBy: StepAtWork["heardBy"],
  at: number,
): Lifecycle {
  // Heard before the runner was stopped: the step is served to its end.
  if (life.stage === "stopping") return stepStarted(life.leaving, step, heardBy, at);
  if (!isHere(life)) return life;
  const { work } = life;
  if (work.kind === "step" && work.step.stepUuid === step.stepUuid) {
    return heardBy === "words" && work.heardBy !== "words" ? { ...life, work: { ...work, heardBy } } : life;
  }
  // One step at a time: another that begins means that the end of the one before it was not heard.
  if (work.kind === "step") {
    return stepStarted(stepCompleted(life, UNKNOWN_RESULT, at), step, heardBy, at);
  }
  const begun: Here = {
    ...life,
    work: { kind: "step", step, heardBy, since: at, quietSince: undefined, looks: 0, doubted: false },
    lastStepOver: false,
    failures: 0,
    verdictLooks: undefined,
    nextLook: heardBy !== "words" && life.hands !== "busy" ? at : nextBusyLook(life, at),
    ...(life.stage === "leaving" ? { contradictions: 0, doubtSince: undefined } : {}),
  };
  // A gate was opened, or failed steps are run again: our pipeline is not over after all.
  const { over, lingerUntil } = life.pool;
  const goesOn = step.pipelineUuid === life.settings.pipelineUuid &&
    (over !== undefined || lingerUntil !== undefined);
  return handOver(goesOn ? { ...begun, pool: goingOn(life.pool) } : begun);
}

/** Our pipeline is not over after all. */
export function goingOn(pool: Pool): Pool {
  return {
    ...pool,
    over: undefined,
    gateLooks: 0,
    debt: undefined,
    lingerUntil: undefined,
    failedRun: undefined,
  };
}

/** Whoever wants the program to end need not wait for a runner's step: where a later phase follows, that does. */
export function handOver(life: Here): Lifecycle {
  if (life.stage !== "leaving" || life.deadline === undefined || life.work.kind === "idle") return life;
  return handedOver(life) ?? { ...life, deadline: undefined };
}

/** The end of this phase's part where the next one is to finish it; undefined where nobody hurries, or none follows. */
export function handedOver(life: Leaving): Lifecycle | undefined {
  if (life.deadline === undefined || !life.settings.handsOver) return undefined;
  return leftAsItIs(life);
}

/** The step at work is over; `byBitbucket` where Bitbucket says so itself. */
export function stepCompleted(life: Here, result: StepResult, at: number, byBitbucket = false): Here {
  const { work } = life;
  if (work.kind !== "step") return saidAgain(life, result);
  const step: ServedStep = { ...work.step, result };
  // Whatever it still has running when it speaks of the end does not count, see RunnerEar; otherwise it is the next one.
  const next = byBitbucket && life.hands === "busy" ? suspicion(at) : { kind: "idle", since: at } as const;
  const idle: Here = {
    ...life,
    work: next,
    hands: life.hands === "busy" && !byBitbucket ? "idle" : life.hands,
    served: [...life.served.slice(1 - MOST_SERVED), step],
    lastStepOver: byBitbucket,
    door: { ...life.door, whileBusy: life.door.whileBusy && closedInTime(life.door, work) },
    failures: 0,
    nextLook: at,
    pool: served(life, step, at),
    pacing: afterStep(life.pacing, at),
  };
  const stays = life.settings.mode === "single-step" && staysOn(idle, step, at);
  if (stays && isUntold(idle, step)) return { ...idle, verdictLooks: 0 };
  const why = whyLast(idle, work, stays);
  if (why === undefined) return idle;
  const left = leave(idle, why, at);
  return byBitbucket ? left : { ...left, nextLook: at + RESULT_MS };
}

/** Why a runner leaves after a step; undefined where it stays. */
function whyLast({ settings, pool }: Here, work: StepAtWork, stays: boolean): string | undefined {
  if (settings.mode === "single-step" && !stays) return "it has served its step";
  if (servesStrangers({ settings }, work)) return "it has served a step of another pipeline";
  return pool.over === undefined || pool.lingerUntil !== undefined || owes(pool)
    ? undefined
    : `the pipeline ${overInWords(pool)}`;
}

/** What a step changes in the accounts; where Bitbucket is not asked, its end alone tells that failed steps may be run again. */
function served({ settings, pool }: Here, { pipelineUuid, result }: ServedStep, at: number): Pool {
  if (pipelineUuid !== settings.pipelineUuid) {
    return { ...pool, debt: pool.debt === undefined ? undefined : pool.debt - 1 };
  }
  const lingers = settings.bitbucket === "never" && settings.lingerMs > 0 && hasFailed(result);
  return lingers ? { ...pool, lingerUntil: at + settings.lingerMs } : pool;
}

/** Whether Bitbucket has to say how a step of ours ended. */
function isUntold({ settings, stage }: Here, { pipelineUuid, result }: ServedStep): boolean {
  return stage === "watching" && settings.bitbucket === "asked" && result === UNKNOWN_RESULT &&
    pipelineUuid === settings.pipelineUuid;
}

/** A step can write a good end into the log of its runner, whose own word comes after that: of two the worse one counts. */
function saidAgain(life: Here, result: StepResult): Here {
  const last = life.served.at(-1);
  if (last?.result !== "PASSED" || result === UNKNOWN_RESULT) return life;
  return { ...life, served: [...life.served.slice(0, -1), { ...last, result }] };
}

/** That something runs, or nothing any more, is told a moment late: a runner closed in it may have got the next step. */
function closedInTime({ at }: Here["door"], { heardBy, quietSince }: StepAtWork): boolean {
  return heardBy === "words" || (quietSince !== undefined && quietSince >= at + HANDS_LAG_MS);
}

const HANDS_LAG_MS = 2_000;

/** The runner goes as soon as it can be told that nothing runs on it. */
export function leave(life: Here, why: string, at: number): Leaving {
  if (life.stage === "leaving") return life;
  const { owesLook: _, ...rest } = life;
  return {
    ...rest,
    stage: "leaving",
    reason: why,
    since: at,
    failures: 0,
    nextLook: life.work.kind === "idle" ? at : life.nextLook,
    contradictions: 0,
    doubtSince: undefined,
    nextOthersLook: at,
    othersGapMs: FIRST_OTHERS_GAP_MS,
    deadline: undefined,
  } satisfies Leaving;
}

const FIRST_OTHERS_GAP_MS = 1_000;

/** What the runner has running has changed, or whether that can be told. */
export function handsChanged(life: Lifecycle, hands: Hands, at: number): Lifecycle {
  if (life.stage === "stopping" && hands === "busy") return handsChanged(life.leaving, hands, at);
  if (!isHere(life) || life.hands === hands) return life;
  const changed: Here = { ...life, hands };
  const { work } = life;
  if (work.kind === "idle") return hands === "busy" ? handOver(suspect(changed, at)) : changed;
  if (work.kind === "suspected") {
    // That there is nothing any more can be told by nothing but the same sense.
    return hands === "idle" ? suspicionOver(changed, at) : changed;
  }
  // That it cannot be told for a moment ends no pause.
  const quietSince = hands === "busy" ? undefined : work.quietSince ?? (hands === "idle" ? at : undefined);
  if (work.heardBy === "words") {
    const nextLook = quietSince === undefined ? life.nextLook : Math.min(life.nextLook, at + QUIET_LOOK_MS);
    return { ...changed, work: { ...work, quietSince }, nextLook };
  }
  // It had nothing running for a while: this may be the next step, which is to be confirmed like the first.
  if (hands === "busy" && work.quietSince !== undefined) return suspect(changed, at);
  const soon = hands === "idle" && work.heardBy === "guess" ? at + SETTLE_MS : at;
  const nextLook = hands === "busy" ? nextBusyLook(life, at) : soon;
  return { ...changed, work: { ...work, quietSince, looks: 0 }, nextLook };
}

/** What has run was a step, as far as anybody can tell, where words say nothing and Bitbucket has told of none. */
function suspicionOver(life: Here, at: number): Here {
  const { bitbucket, mode, ownPipelineOnly } = life.settings;
  const settledAt = at + (bitbucket === "never" ? SETTLE_UNASKED_MS : SETTLE_MS);
  const idle: Here = { ...life, work: { kind: "idle", since: at, settledAt }, nextLook: at };
  if (life.words !== "none") return idle;
  if (ownPipelineOnly) return leave(idle, "it may have served a step of another pipeline", at);
  return bitbucket === "never" && mode === "single-step"
    ? leave(idle, "it has served its step, as far as can be told", at)
    : idle;
}

/** The runner has something running that nobody speaks of. */
function suspect(life: Here, at: number): Here {
  return { ...life, work: suspicion(at), nextLook: at };
}

/** That something runs of which neither its words nor Bitbucket have told. */
export function suspicion(at: number): Suspected {
  return { kind: "suspected", since: at, next: "runner", stepUuid: undefined, looks: 0 };
}
