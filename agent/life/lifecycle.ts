import { type Lifecycle, type LifecycleEvent, type RunnerView, UNKNOWN_RESULT } from "./lifecycle_state.ts";
import { overInWords, owes, settleMs } from "./leaving_rules.ts";
import { afterLook, afterStep } from "./look_pacing.ts";
import type { StepRef, StepResult } from "./runner_log.ts";

/** How often a close is tried again when it fails or does not last, and how many failed calls are put up with. */
export const MOST_ATTEMPTS = 3;
/** Time between reconciling looks at a busy runner, in shortest gaps: twenty minutes at the default interval. */
const BUSY_LOOK_GAPS = 120;
const CONTRADICTION_RECHECK_MS = 30_000;
const FIRST_LEAVE_LOOK_MS = 250;
const LONGEST_LEAVE_LOOK_MS = 10_000;
const UNREGISTER_RETRY_MS = 5_000;

/** The state after an event at a moment in monotonic milliseconds. */
export function advance(life: Lifecycle, event: LifecycleEvent, at: number): Lifecycle {
  switch (event.type) {
    case "online":
    case "offline":
      return life;
    case "step started":
      return stepStarted(life, event.step, at);
    case "step completed":
      return stepCompleted(life, event.result, at);
    case "runner exited":
      return runnerExited(life);
    case "interrupted":
      return interrupted(life, event.why);
    case "told to leave":
      return leave(life, event.why, at);
    case "close answered":
      return runnerSeen(closeAnswered(life, event.refused, at), event.runner, at);
    case "runner seen":
      return runnerSeen({ ...life, failures: 0 }, event.runner, at);
    case "step seen":
      return stepSeen({ ...life, failures: 0 }, event.completed, at);
    case "pipeline seen":
      return pipelineSeen(life, event.over, event.stretch, at);
    case "elsewhere seen":
      return elsewhereSeen(life, event.ranElsewhere, at);
    case "others seen":
      return othersSeen(life, event, at);
    case "stopped":
      return { ...life, stage: "unregistering", failures: 0 };
    case "unregistered":
      return { ...life, stage: "done", unregistered: true };
    case "call failed":
      return callFailed(life, event.action, at);
  }
}

function stepStarted(life: Lifecycle, step: StepRef, at: number): Lifecycle {
  if (life.running?.stepUuid === step.stepUuid) return life;
  const nextRunnerLook = at + life.settings.shortestLookMs * BUSY_LOOK_GAPS;
  // Heard before the runner was stopped: the step is served to its end.
  const stage = life.stage === "stopping" ? "leaving" : life.stage;
  const started: Lifecycle = {
    ...life,
    stage,
    running: step,
    lastStepOver: false,
    contradictions: 0,
    nextRunnerLook,
  };
  // A gate was opened, or failed steps are run again: our pipeline is not over after all.
  const goesOn = step.pipelineUuid === life.settings.pipelineUuid && life.over !== undefined;
  return goesOn ? { ...started, over: undefined, gateLooks: 0, debt: undefined } : started;
}

function stepCompleted(life: Lifecycle, result: StepResult, at: number): Lifecycle {
  if (life.running === undefined) return life;
  const forOthers = life.running.pipelineUuid !== life.settings.pipelineUuid;
  const idle: Lifecycle = {
    ...life,
    running: undefined,
    served: [...life.served, { ...life.running, result }],
    debt: forOthers && life.debt !== undefined ? life.debt - 1 : life.debt,
    contradictions: 0,
    idleSince: at,
    nextRunnerLook: at,
    pacing: afterStep(life.pacing, at),
  };
  if (life.settings.mode === "single-step") return leave(idle, "it has served its step", at);
  return idle.over !== undefined && !owes(idle) ? leave(idle, `the pipeline ${overInWords(idle)}`, at) : idle;
}

function runnerExited(life: Lifecycle): Lifecycle {
  if (life.stage !== "watching" && life.stage !== "leaving") return life;
  const expected = life.reason !== undefined && life.running === undefined;
  const served = life.running === undefined
    ? life.served
    : [...life.served, { ...life.running, result: UNKNOWN_RESULT }];
  const fault = expected
    ? life.fault
    : life.running === undefined
    ? "The runner ended by itself"
    : "The runner ended in the middle of a step";
  const reason = life.reason ?? "it is gone";
  return { ...life, stage: "unregistering", running: undefined, served, fault, reason, failures: 0 };
}

function interrupted(life: Lifecycle, why: string): Lifecycle {
  if (life.stage === "stopping" || life.stage === "unregistering") return { ...life, hurry: true };
  // A busy runner is never stopped; what is left is for the next phase, or for the next build of the project.
  if (life.running !== undefined) return { ...life, stage: "done", hurry: true, reason: why };
  return { ...life, stage: "leaving", hurry: true, reason: life.reason ?? why };
}

function leave(life: Lifecycle, why: string, at: number): Lifecycle {
  if (life.stage !== "watching") return life;
  return { ...life, stage: "leaving", reason: why, contradictions: 0, nextRunnerLook: at };
}

function closeAnswered(life: Lifecycle, refused: boolean, at: number): Lifecycle {
  return {
    ...life,
    door: refused ? "refused" : "closed",
    closeAttempts: life.closeAttempts + 1,
    closedWhileBusy: !refused && life.running !== undefined,
    closedAt: at,
    failures: 0,
  };
}

function runnerSeen(life: Lifecycle, runner: RunnerView | undefined, at: number): Lifecycle {
  if (runner === undefined) return runnerMissing(life, at);
  const showsStep = runner.busy
    ? true
    : life.running !== undefined
    ? life.showsStep ?? false
    : life.showsStep;
  // A heartbeat of the runner may have put it back to ONLINE; it is closed again, but not for ever.
  const reopened = life.door === "closed" && !runner.closed;
  const door = !reopened ? life.door : life.closeAttempts < MOST_ATTEMPTS ? "open" : "refused";
  const seen = { ...life, showsStep, door } satisfies Lifecycle;
  if (life.running !== undefined) return reconcile(seen, runner, at);
  if (life.stage !== "leaving" || door === "open") return seen;
  return runner.busy ? notIdleYet(seen, at) : idleSeen(seen, at);
}

/** Somebody else unregistered the runner. */
function runnerMissing(life: Lifecycle, at: number): Lifecycle {
  const gone: Lifecycle = { ...life, door: "closed" };
  if (life.running !== undefined) {
    // Its step goes on; from now on only the step itself can be asked after.
    return { ...gone, showsStep: false, nextRunnerLook: at + life.settings.shortestLookMs * BUSY_LOOK_GAPS };
  }
  const fault = life.reason === undefined ? "Somebody removed the runner from Bitbucket" : life.fault;
  return { ...gone, stage: "stopping", reason: life.reason ?? "Bitbucket does not know it", fault };
}

/** The output says that a step runs; two looks in a row that say otherwise are believed. */
function reconcile(life: Lifecycle, runner: RunnerView, at: number): Lifecycle {
  const nextRunnerLook = at + life.settings.shortestLookMs * BUSY_LOOK_GAPS;
  if (runner.busy || life.showsStep !== true) return { ...life, contradictions: 0, nextRunnerLook };
  if (life.contradictions >= 1) return stepCompleted(life, UNKNOWN_RESULT, at);
  return { ...life, contradictions: 1, nextRunnerLook: at + CONTRADICTION_RECHECK_MS };
}

function notIdleYet(life: Lifecycle, at: number): Lifecycle {
  const waitMs = Math.min(FIRST_LEAVE_LOOK_MS * 2 ** life.contradictions, LONGEST_LEAVE_LOOK_MS);
  return { ...life, contradictions: life.contradictions + 1, nextRunnerLook: at + waitMs };
}

function idleSeen(life: Lifecycle, at: number): Lifecycle {
  const settledAt = life.closedAt + settleMs(life);
  if (at < settledAt) return { ...life, nextRunnerLook: settledAt };
  const sure = life.hurry || life.showsStep !== false || life.served.length === 0 || life.lastStepOver;
  return sure ? { ...life, stage: "stopping" } : { ...life, nextRunnerLook: at };
}

function stepSeen(life: Lifecycle, completed: boolean, at: number): Lifecycle {
  if (life.running !== undefined) {
    if (completed) return stepCompleted(life, UNKNOWN_RESULT, at);
    return { ...life, nextRunnerLook: at + life.settings.shortestLookMs * BUSY_LOOK_GAPS };
  }
  return completed ? { ...life, lastStepOver: true, nextRunnerLook: at } : notIdleYet(life, at);
}

function pipelineSeen(life: Lifecycle, over: Lifecycle["over"], stretch: number, at: number): Lifecycle {
  const gateLooks = over === "at a manual gate" ? life.gateLooks + 1 : 0;
  const seen = { ...life, gateLooks, failures: 0, pacing: afterLook(life.pacing, at, stretch) };
  // A gate is believed at the second look: between two steps a pipeline may look like one for a moment.
  if (over === undefined || (over === "at a manual gate" && gateLooks < 2)) return seen;
  return { ...seen, over, overAt: at };
}

function elsewhereSeen(life: Lifecycle, ranElsewhere: number, at: number): Lifecycle {
  const forOthers = life.served.filter((step) => step.pipelineUuid !== life.settings.pipelineUuid).length;
  const settled = { ...life, debt: ranElsewhere - forOthers };
  return owes(settled) || life.running !== undefined
    ? settled
    : leave(settled, `the pipeline ${overInWords(life)}`, at);
}

function othersSeen(
  life: Lifecycle,
  { unfinished, ownEnded, stretch }: { unfinished: number; ownEnded: boolean; stretch: number },
  at: number,
): Lifecycle {
  const pacing = afterLook(life.pacing, at, stretch);
  const seen = { ...othersLooked(life, at), others: unfinished, ownEnded, pacing };
  if (life.stage === "leaving") return settleMs(seen) === 0 ? { ...seen, nextRunnerLook: at } : seen;
  if (life.running !== undefined || owes(seen)) return seen;
  return leave(seen, `the pipeline ${overInWords(life)}, and no other pipeline is waiting`, at);
}

function othersLooked(life: Lifecycle, at: number): Lifecycle {
  const othersGapMs = life.othersGapMs * 2;
  return { ...life, nextOthersLook: at + life.othersGapMs, othersGapMs };
}

/** The calls have been retried by the client; here it is decided how to go on without their answer. */
function callFailed(life: Lifecycle, action: string, at: number): Lifecycle {
  const failures = life.failures + 1;
  const failed = { ...life, failures, pacing: afterLook(life.pacing, at, 1) };
  switch (action) {
    case "close": {
      const closeAttempts = life.closeAttempts + 1;
      const giveUp = life.hurry || (closeAttempts >= MOST_ATTEMPTS && life.stage === "leaving");
      return { ...failed, closeAttempts, closedAt: at, ...(giveUp ? { door: "refused", failures: 0 } : {}) };
    }
    case "look at runner":
    case "look at step":
      // Bitbucket cannot be asked: the runner's own output, which says that it is idle, has to do.
      if (life.stage === "leaving" && (failures >= MOST_ATTEMPTS || life.hurry)) {
        return { ...failed, stage: "stopping" };
      }
      return { ...failed, nextRunnerLook: at + CONTRADICTION_RECHECK_MS };
    case "look elsewhere":
      return { ...failed, debt: 1 };
    case "look at others":
      return { ...othersLooked(failed, at), others: life.others ?? 1 };
    case "unregister":
      if (failures < MOST_ATTEMPTS && !life.hurry) {
        return { ...failed, nextRunnerLook: at + UNREGISTER_RETRY_MS };
      }
      return { ...failed, stage: "done", fault: life.fault ?? "The runner could not be unregistered" };
    default:
      return failed;
  }
}
