import { stopping } from "./last_stages.ts";
import { MOST_ATTEMPTS, SETTLE_MS, settleMs, showsStep, staysOn, undelivered } from "./leaving_rules.ts";
import {
  type Here,
  type Leaving,
  type Lifecycle,
  type LifecycleEvent,
  type RunnerView,
  SOMEBODYS_PIPELINE,
  type StepAtWork,
  type Suspected,
  UNKNOWN_RESULT,
} from "./lifecycle_state.ts";
import { handedOver, leave, nextBusyLook, stepCompleted, stepStarted, suspicion } from "./step_events.ts";

const DOUBT_RECHECK_MS = 30_000;
/** The result of a step takes some tenths of a second to arrive, as a rule. */
const FIRST_RECHECK_MS = 400;
const LONGEST_RECHECK_MS = 30_000;
/** Between looks at a step of which nothing but Bitbucket tells: the first gap, and the longest. */
const BLIND_LOOK_MS = 10_000;
const LONGEST_BLIND_LOOK_MS = 180_000;
/** For how a step ended; after that it is told by what becomes of its pipeline. */
const MOST_VERDICT_LOOKS = 10;
/** After half an hour of such looks a step that Bitbucket neither shows nor tells of is over. */
const MOST_BLIND_LOOKS = 16;
/** How long a runner that has nothing running any more may take to tell Bitbucket of its step's end. */
const LONGEST_DELIVERY_MS = 30 * 60_000;
/** Between two looks at a runner that Bitbucket does not know. */
const SECOND_LOOK_MS = 5_000;
/** Between looks at a runner that has something running nobody speaks of. */
const SUSPICION_LOOK_MS = 2_000;
const LONGEST_SUSPICION_LOOK_MS = 120_000;

/** Bitbucket has answered to a closing, and shows the runner as it is since, where it could be asked. */
export function closeAnswered(
  life: Here,
  { refused, runner }: Extract<LifecycleEvent, { type: "close answered" }>,
  at: number,
): Lifecycle {
  const door = {
    state: refused ? "refused" : "closed",
    attempts: life.door.attempts + 1,
    at,
    whileBusy: !refused && life.work.kind === "step" && life.work.heardBy !== "guess",
  } as const;
  // That all pipelines had ended was true before: failed steps may have been run again meanwhile.
  const pool = refused ? life.pool : { ...life.pool, ownEnded: false };
  const answered: Here = { ...life, door, pool, failures: 0 };
  if (runner === "trusted" && life.work.kind === "step" && life.work.heardBy === "words") return answered;
  return typeof runner === "string" ? { ...answered, nextLook: at } : runnerSeen(answered, runner, at);
}

/** Whether a runner's step is shown is the same for all of them. */
export function waysShown(life: Here, { open, closed }: Here["shows"]): Here {
  return { ...life, shows: { open: life.shows.open ?? open, closed: life.shows.closed ?? closed } };
}

/** Bitbucket shows the runner, or does not know it. */
export function runnerSeen(life: Here, runner: RunnerView | undefined, at: number): Lifecycle {
  if (runner === undefined) return runnerMissing(life, at);
  const seen = doorSeen(showingLearned({ ...life, missing: false, failures: 0 }, runner), runner);
  const { work } = seen;
  if (work.kind === "suspected") return suspicionLooked(seen, work, runner, at);
  if (work.kind === "step") return reconcile(seen, work, runner, at);
  if (runner.busy && (seen.stage === "watching" || seen.door.state !== "open")) {
    return busyIdle(seen, runner, at);
  }
  return seen.stage === "leaving" && seen.door.state !== "open" ? idleSeen(seen, at) : owingNoLook(seen);
}

function showingLearned(life: Here, runner: RunnerView): Here {
  if (!runner.busy && life.work.kind !== "step") return life;
  const key = runner.closed ? "closed" : "open";
  return { ...life, shows: { ...life.shows, [key]: runner.busy || (life.shows[key] ?? false) } };
}

/** A heartbeat of the runner may have put it back to ONLINE; it is closed again, but not for ever. */
function doorSeen(life: Here, runner: RunnerView): Here {
  if (life.door.state !== "closed" || runner.closed) return life;
  const state = life.door.attempts < MOST_ATTEMPTS ? "open" : "refused";
  return { ...life, door: { ...life.door, state } };
}

function owingNoLook(life: Here): Here {
  return life.stage === "watching" ? { ...life, owesLook: false } : life;
}

/** Somebody else unregistered the runner, or so Bitbucket says; without a step that is believed at the second look. */
function runnerMissing(life: Here, at: number): Lifecycle {
  const { work } = life;
  const gone: Here = { ...life, missing: true, failures: 0 };
  if (work.kind === "step") {
    // Its step goes on; from now on only the step itself can be asked after.
    const asked = work.heardBy === "words" ? nextBusyLook(life, at) : at + DOUBT_RECHECK_MS;
    return { ...gone, nextLook: asked };
  }
  if (work.kind === "suspected") return suspectedOn(gone, { ...work, next: "steps" }, at);
  if (!life.missing) return { ...gone, nextLook: at + SECOND_LOOK_MS };
  const fault = life.reason === undefined ? "Somebody removed the runner from Bitbucket" : life.fault;
  return stopping(leave({ ...gone, fault }, "Bitbucket does not know it", at));
}

/** Bitbucket's answer about a runner that has something running of which nobody has told. */
function suspicionLooked(life: Here, work: Suspected, runner: RunnerView, at: number): Here {
  if (runner.busy) {
    const known = { ...work, next: "steps", stepUuid: runner.stepUuid } as const;
    return { ...life, work: known, nextLook: at };
  }
  // Where it would show a step, it has just said that there is none.
  if (showsStep(life) === true) return suspectedOn(life, work, at);
  return { ...life, work: { ...work, next: "steps" }, nextLook: at };
}

function suspectedOn(life: Here, work: Suspected, at: number): Here {
  const waitMs = Math.min(SUSPICION_LOOK_MS * 2 ** work.looks, LONGEST_SUSPICION_LOOK_MS);
  return { ...life, work: { ...work, looks: work.looks + 1 }, nextLook: at + waitMs };
}

/** The steps of our pipeline were looked at for the one that the runner may have at work. */
export function ownStepsSeen(
  life: Here,
  { step, sure }: Extract<LifecycleEvent, { type: "own steps seen" }>,
  at: number,
): Lifecycle {
  const { work } = life;
  if (work.kind !== "suspected") return life;
  if (step !== undefined) return stepStarted(life, step, sure ? "looks" : "guess", at);
  if (work.stepUuid === undefined) return suspectedOn(life, { ...work, next: "runner" }, at);
  return stepStarted(life, { pipelineUuid: SOMEBODYS_PIPELINE, stepUuid: work.stepUuid }, "looks", at);
}

/** The runner's words, or looks that confirmed each other, say that a step runs; one look alone does not end it. */
function reconcile(life: Here, work: StepAtWork, runner: RunnerView, at: number): Here {
  if (runner.busy) return { ...life, ...lookAfter(life, { ...work, doubted: false }, at) };
  const shown = showsStep(life) === true;
  const canAsk = work.step.pipelineUuid !== SOMEBODYS_PIPELINE;
  if (work.heardBy !== "words" && life.hands !== "busy") {
    const over = shown || (!canAsk && work.looks >= MOST_BLIND_LOOKS);
    if (over || quietForLong(work, at)) return stepCompleted(life, UNKNOWN_RESULT, at, true);
  }
  if (!shown || !canAsk) return { ...life, ...lookAfter(life, work, at) };
  return { ...life, work: { ...work, doubted: true }, nextLook: at + DOUBT_RECHECK_MS };
}

/** The step itself was looked at. */
export function stepSeen(
  life: Here,
  { completed, result = UNKNOWN_RESULT }: Extract<LifecycleEvent, { type: "step seen" }>,
  at: number,
): Lifecycle {
  const { work } = life;
  if (work.kind === "step") {
    // That a step is over says nothing of the runner where it may have another at work.
    const told = completed && (work.heardBy !== "guess" || work.looks >= MOST_BLIND_LOOKS);
    if (told || quietForLong(work, at)) {
      return stepCompleted({ ...life, failures: 0 }, told ? result : UNKNOWN_RESULT, at, true);
    }
    // Bitbucket does not show what it runs after all.
    const shows = work.doubted
      ? { ...life.shows, [life.door.state === "closed" ? "closed" : "open"]: false }
      : life.shows;
    const seen = { ...life, shows, failures: 0 };
    return { ...seen, ...lookAfter(seen, { ...work, doubted: false }, at) };
  }
  if (life.stage !== "leaving") return verdictSeen(life, completed, result, at);
  const seen = { ...life, failures: 0 };
  return completed ? { ...seen, lastStepOver: true, nextLook: at } : notIdleYet(seen, at);
}

/** How the last step ended was asked, since a runner stays for a rerun of one that failed. */
function verdictSeen(life: Here, completed: boolean, result: string, at: number): Here {
  const { verdictLooks, served } = life;
  const last = served.at(-1);
  if (verdictLooks === undefined || last === undefined) return life;
  const seen: Here = { ...life, failures: 0 };
  if (!completed && verdictLooks < MOST_VERDICT_LOOKS) {
    const waitMs = Math.min(FIRST_RECHECK_MS * 2 ** verdictLooks, LONGEST_RECHECK_MS);
    return { ...seen, verdictLooks: verdictLooks + 1, nextLook: at + waitMs };
  }
  const told = { ...last, result };
  const known: Here = {
    ...seen,
    served: [...served.slice(0, -1), told],
    verdictLooks: undefined,
    lastStepOver: life.lastStepOver || completed,
  };
  return staysOn(known, told, at) ? known : leave(known, "it has served its step", at);
}

/** Whether a step that looks have told of is over although Bitbucket does not say so. */
function quietForLong({ heardBy, quietSince, step }: StepAtWork, at: number): boolean {
  if (heardBy === "words" || quietSince === undefined) return false;
  const canAsk = heardBy === "looks" && step.pipelineUuid !== SOMEBODYS_PIPELINE;
  return at >= quietSince + (canAsk ? LONGEST_DELIVERY_MS : SETTLE_MS);
}

/** When to look again at a step at work: rarely where its end is told by itself, else as if it were about to end. */
function lookAfter(life: Here, work: StepAtWork, at: number): { work: StepAtWork; nextLook: number } {
  if (work.heardBy === "words" || life.hands === "busy") return { work, nextLook: nextBusyLook(life, at) };
  const [first, longest, growth] = life.hands === "unknown"
    ? [BLIND_LOOK_MS, LONGEST_BLIND_LOOK_MS, 1.5]
    : [FIRST_RECHECK_MS, LONGEST_RECHECK_MS, 2];
  const waitMs = Math.min(first * growth ** work.looks, longest);
  return { work: { ...work, looks: work.looks + 1 }, nextLook: at + waitMs };
}

/** Bitbucket calls a runner busy that seems idle. */
function busyIdle(life: Here, runner: RunnerView, at: number): Lifecycle {
  if (life.stage === "leaving") return notIdleYet(life, at);
  // While it stays, that is news only of a runner of which nobody else tells.
  if (!life.owesLook) return life;
  const work = { ...suspicion(at), next: "steps", stepUuid: runner.stepUuid } as const;
  return { ...life, owesLook: false, work, nextLook: at };
}

/** Nobody hurries a runner that may be at work: a later phase waits for it, or this one does. */
function notIdleYet(life: Leaving, at: number): Lifecycle {
  const waitMs = Math.min(FIRST_RECHECK_MS * 2 ** life.contradictions, LONGEST_RECHECK_MS);
  return handedOver(life) ?? {
    ...life,
    deadline: undefined,
    contradictions: life.contradictions + 1,
    doubtSince: life.doubtSince ?? at,
    nextLook: at + waitMs,
  };
}

/** Closed, without a step by all senses, and now by Bitbucket's word too. */
function idleSeen(life: Leaving, at: number): Lifecycle {
  const calm: Leaving = { ...life, contradictions: 0, doubtSince: undefined };
  const { work } = life;
  const unshown = work.kind === "idle" && showsStep(life) !== true ? work.settledAt ?? 0 : 0;
  const settledAt = Math.max(life.door.at + settleMs(life), unshown);
  if (at < settledAt) return handedOver(life) ?? { ...calm, nextLook: settledAt };
  // Where Bitbucket shows a closed runner's step, that there is none means that its result has arrived.
  if (showsStep(life) !== true && undelivered(life) !== undefined) return { ...life, nextLook: at };
  return stopping(calm);
}
