import {
  idleEndUnasked,
  isBlind,
  LONGEST_DISAGREEMENT_MS,
  MOST_ATTEMPTS,
  owes,
  servesStrangers,
  settledUnasked,
  settleMs,
  showsStep,
  suspicionEnd,
  undelivered,
} from "./leaving_rules.ts";
import {
  type Here,
  type Leaving,
  type Lifecycle,
  SOMEBODYS_PIPELINE,
  type StepAtWork,
  type Suspected,
  type Watching,
} from "./lifecycle_state.ts";
import type { StepRef } from "./runner_log.ts";

export type Action =
  | Wait
  | { readonly type: "look at pipeline" }
  /** Which steps of our pipeline ran on something other than our runner. */
  | { readonly type: "look elsewhere" }
  | { readonly type: "look at others" }
  | { readonly type: "look at runner" }
  | { readonly type: "look at step"; readonly step: StepRef }
  /** Which step of our pipeline the runner may have at work: the one Bitbucket shows on it, or one in progress. */
  | { readonly type: "look at own steps"; readonly stepUuid: string | undefined }
  | { readonly type: "close" }
  | { readonly type: "stop" }
  | { readonly type: "unregister" }
  | { readonly type: "clean up" }
  | { readonly type: "finish" };

interface Wait {
  readonly type: "wait";
  readonly untilMs: number;
}

/** What the driver reports as an event at once, since nothing has to be done for it. */
export type Decision =
  | { readonly type: "told to leave"; readonly why: string }
  | { readonly type: "disagreement over" }
  | { readonly type: "settled" }
  | { readonly type: "out of time" };

/** How long a runner that owes a step stays after its own pipeline is over, in milliseconds. */
export const LOAN_MS = 5 * 60_000;

/** What to do now, at a moment in monotonic milliseconds. */
export function nextAction(life: Lifecycle, now: number): Action | Decision {
  switch (life.stage) {
    case "done":
      return { type: "finish" };
    case "clearing":
      return { type: "clean up" };
    case "unregistering":
      return inTime(life.deadline, now, dueAt(life.nextAttempt, now, { type: "unregister" }));
    case "stopping":
      return { type: "stop" };
    case "watching":
    case "leaving":
      return inTime(life.stage === "leaving" ? life.deadline : undefined, now, whileHere(life, now));
  }
}

function inTime(deadline: number | undefined, now: number, action: Action | Decision): Action | Decision {
  if (deadline === undefined) return action;
  if (now >= deadline) return { type: "out of time" };
  return action.type === "wait" ? { ...action, untilMs: Math.min(action.untilMs, deadline) } : action;
}

function whileHere(life: Here, now: number): Action | Decision {
  const { work } = life;
  if (life.settings.bitbucket === "never") return unasked(life, now);
  if (work.kind === "step") return whileBusy(life, work, now);
  if (work.kind === "suspected") return whileSuspected(life, work, now);
  return life.stage === "watching" ? whileIdle(life, work.since, now) : whileLeaving(life, now);
}

/** Nothing of it needs Bitbucket. */
function unasked(life: Here, now: number): Action | Decision {
  const { work } = life;
  switch (work.kind) {
    case "step": {
      const quietSince = life.hands === "idle" ? work.quietSince ?? work.since : Infinity;
      return dueAt(quietSince + LONGEST_DISAGREEMENT_MS, now, { type: "disagreement over" });
    }
    case "suspected":
      return dueAt(suspicionEnd(life, work), now, { type: "disagreement over" });
    case "idle":
      return life.stage === "leaving"
        ? dueAt(settledUnasked(life, work), now, { type: "settled" })
        : dueAt(idleEndUnasked(life, work.since), now, timedOut(life));
  }
}

function timedOut({ pool }: Here): Decision {
  const why = pool.lingerUntil === undefined
    ? "no step came within the idle timeout"
    : "nobody has run the failed steps again";
  return { type: "told to leave", why };
}

function whileBusy(life: Here, work: StepAtWork, now: number): Action {
  const { step, doubted } = work;
  // One that is to linger may have to stay after the step: whether it failed is not known yet.
  const { mode, lingerMs } = life.settings;
  const lastStep = (mode === "single-step" && lingerMs === 0) || life.stage === "leaving" ||
    servesStrangers(life, work);
  if (lastStep && life.door.state === "open" && life.door.attempts < MOST_ATTEMPTS) return { type: "close" };
  const shown = showsStep(life);
  // Learned once while a step runs: whether Bitbucket shows it. The way of leaving depends on it.
  if (shown === undefined && life.failures === 0 && !life.missing) return { type: "look at runner" };
  const askRunner = (shown === true && !doubted && !life.missing) || step.pipelineUuid === SOMEBODYS_PIPELINE;
  return dueAt(life.nextLook, now, askRunner ? { type: "look at runner" } : { type: "look at step", step });
}

function whileSuspected(life: Here, work: Suspected, now: number): Action | Decision {
  const end = suspicionEnd(life, work);
  if (now >= end && !isBlind(life)) return { type: "disagreement over" };
  const look: Action = work.next === "runner"
    ? { type: "look at runner" }
    : { type: "look at own steps", stepUuid: work.stepUuid };
  return dueAt(life.nextLook, now, look, end);
}

function whileIdle(life: Watching, idleSince: number, now: number): Action | Decision {
  const { pool, pacing, settings } = life;
  const idleEnd = Math.max(idleSince, pool.lingerUntil ?? -Infinity) + settings.idleTimeoutMs;
  if (now >= idleEnd) return timedOut(life);
  const last = life.verdictLooks === undefined ? undefined : life.served.at(-1);
  if (last !== undefined) return dueAt(life.nextLook, now, { type: "look at step", step: last }, idleEnd);
  if (life.owesLook) return dueAt(life.nextLook, now, { type: "look at runner" }, idleEnd);
  // A rerun comes to it by itself. What has become of the pipeline otherwise is asked in the end.
  if (pool.lingerUntil !== undefined) {
    return dueAt(Math.max(pool.lingerUntil, pacing.nextAt), now, { type: "look at pipeline" }, idleEnd);
  }
  if (pool.over === undefined) return dueAt(pacing.nextAt, now, { type: "look at pipeline" }, idleEnd);
  if (pool.debt === undefined) return { type: "look elsewhere" };
  if (pool.others === undefined) return { type: "look at others" };
  const loanEnd = pool.overAt + LOAN_MS;
  if (!owes(pool) || now >= loanEnd) {
    return { type: "told to leave", why: "nobody asked for the step it owed" };
  }
  return dueAt(pacing.nextAt, now, { type: "look at others" }, Math.min(loanEnd, idleEnd));
}

function whileLeaving(life: Leaving, now: number): Action | Decision {
  if (life.missing) return dueAt(life.nextLook, now, { type: "look at runner" });
  if (life.door.state === "open") {
    return dueAt(life.failures > 0 ? life.nextLook : now, now, { type: "close" });
  }
  // Where Bitbucket does not show a runner's step, nobody can have handed one over once all pipelines have ended.
  const unsettled = now < life.door.at + settleMs(life);
  if (unsettled && now >= life.nextOthersLook) return { type: "look at others" };
  const doubtEnd = (life.doubtSince ?? Infinity) + LONGEST_DISAGREEMENT_MS;
  if (now >= doubtEnd && !isBlind(life)) return { type: "disagreement over" };
  const last = showsStep(life) === true ? undefined : undelivered(life);
  const look: Action = last === undefined ? { type: "look at runner" } : { type: "look at step", step: last };
  return dueAt(
    life.nextLook,
    now,
    look,
    Math.min(doubtEnd, unsettled ? life.nextOthersLook : Infinity),
  );
}

function dueAt<A extends Action | Decision>(time: number, now: number, action: A, end = Infinity): A | Wait {
  return now >= time ? action : { type: "wait", untilMs: Math.min(time, end) };
}
