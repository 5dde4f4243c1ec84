import { owes, settleMs } from "./leaving_rules.ts";
import { MOST_ATTEMPTS } from "./lifecycle.ts";
import type { Lifecycle } from "./lifecycle_state.ts";
import type { StepRef } from "./runner_log.ts";

export type Action =
  | { readonly type: "wait"; readonly untilMs: number }
  | { readonly type: "look at pipeline" }
  /** Which steps of our pipeline ran on something other than our runner. */
  | { readonly type: "look elsewhere" }
  | { readonly type: "look at others" }
  | { readonly type: "look at runner" }
  | { readonly type: "look at step"; readonly step: StepRef }
  | { readonly type: "close" }
  | { readonly type: "stop" }
  | { readonly type: "unregister" }
  | { readonly type: "finish" };

/** How long a runner that owes a step stays after its own pipeline is over, in milliseconds. */
export const LOAN_MS = 5 * 60_000;
/** How long Bitbucket may call a runner busy whose output says that it is idle, in milliseconds. */
const LONGEST_DISAGREEMENT_MS = 30 * 60_000;

/** What to do now, at a moment in monotonic milliseconds; «told to leave» is reported by the driver as an event. */
export function nextAction(
  life: Lifecycle,
  now: number,
): Action | { readonly type: "leave"; readonly why: string } {
  switch (life.stage) {
    case "done":
      return { type: "finish" };
    case "unregistering":
      return life.failures > 0
        ? dueAt(life.nextRunnerLook, now, { type: "unregister" })
        : { type: "unregister" };
    case "stopping":
      return { type: "stop" };
    case "watching":
      return life.running === undefined ? whileIdle(life, now) : whileBusy(life, life.running, now);
    case "leaving":
      return life.running === undefined ? whileLeaving(life, now) : whileBusy(life, life.running, now);
  }
}

function whileBusy(life: Lifecycle, step: StepRef, now: number): Action {
  const lastStep = life.settings.mode === "single-step" || life.stage === "leaving";
  if (lastStep && life.door === "open" && life.closeAttempts < MOST_ATTEMPTS) return { type: "close" };
  // Learned once while a step runs: whether Bitbucket shows it. The way of leaving depends on it.
  if (life.showsStep === undefined && life.failures === 0) return { type: "look at runner" };
  return dueAt(
    life.nextRunnerLook,
    now,
    life.showsStep === true ? { type: "look at runner" } : { type: "look at step", step },
  );
}

function whileIdle(life: Lifecycle, now: number): Action | { type: "leave"; why: string } {
  const idleEnd = life.idleSince + life.settings.idleTimeoutMs;
  if (now >= idleEnd) return { type: "leave", why: "no step came within the idle timeout" };
  if (life.over === undefined) return dueAt(life.pacing.nextAt, now, { type: "look at pipeline" }, idleEnd);
  if (life.debt === undefined) return { type: "look elsewhere" };
  if (life.others === undefined) return { type: "look at others" };
  const loanEnd = life.overAt + LOAN_MS;
  if (!owes(life) || now >= loanEnd) return { type: "leave", why: "nobody asked for the step it owed" };
  return dueAt(life.pacing.nextAt, now, { type: "look at others" }, Math.min(loanEnd, idleEnd));
}

function whileLeaving(life: Lifecycle, now: number): Action {
  if (life.door === "open") {
    return life.failures > 0 && !life.hurry
      ? dueAt(life.nextRunnerLook, now, { type: "close" })
      : { type: "close" };
  }
  // Where Bitbucket does not show a runner's step, nobody can have handed one over once all pipelines have ended.
  const unsettled = now < life.closedAt + settleMs(life);
  if (unsettled && now >= life.nextOthersLook) return { type: "look at others" };
  if (life.contradictions > 0 && now >= life.idleSince + LONGEST_DISAGREEMENT_MS) return { type: "stop" };
  const last = life.served.at(-1);
  const askForStep = life.showsStep === false && last !== undefined && !life.lastStepOver;
  const look: Action = askForStep ? { type: "look at step", step: last } : { type: "look at runner" };
  return dueAt(life.nextRunnerLook, now, look, unsettled ? life.nextOthersLook : Infinity);
}

function dueAt(time: number, now: number, action: Action, end = Infinity): Action {
  return now >= time ? action : { type: "wait", untilMs: Math.min(time, end) };
}
