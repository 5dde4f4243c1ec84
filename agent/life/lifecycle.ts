import { callFailed, givenUp } from "./failed_calls.ts";
import { clearing, leftAsItIs, runnerGone, stopping } from "./last_stages.ts";
import {
  type Here,
  isHere,
  type Lifecycle,
  type LifecycleEvent,
  type LifecycleSettings,
  UNKNOWN_RESULT,
  type Watching,
} from "./lifecycle_state.ts";
import { closeAnswered, ownStepsSeen, runnerSeen, stepSeen, waysShown } from "./look_events.ts";
import { startPacing } from "./look_pacing.ts";
import { elsewhereSeen, othersSeen, pipelineSeen, stepEndedBeside, whileHere } from "./pool_events.ts";
import type { RunnerEvent } from "./runner_log.ts";
import { handOver, handsChanged, leave, stepCompleted, stepStarted } from "./step_events.ts";

/** Time for all that is still done after an interruption, in milliseconds: the longer where no later phase follows. */
const HURRY_MS = { handsOver: 25_000, last: 60_000 };

/** The life of a runner that is registered, online and idle at a moment in monotonic milliseconds. */
export function startLifecycle(settings: LifecycleSettings, at: number): Watching {
  return {
    settings,
    stage: "watching",
    served: [],
    reason: undefined,
    fault: undefined,
    work: { kind: "idle", since: at },
    hands: "unknown",
    words: "none",
    door: { state: "open", attempts: 0, at, whileBusy: false },
    shows: { open: undefined, closed: undefined },
    lastStepOver: false,
    missing: false,
    failures: 0,
    verdictLooks: undefined,
    nextLook: at,
    owesLook: false,
    pool: {
      over: undefined,
      overAt: at,
      gateLooks: 0,
      debt: undefined,
      lingerUntil: undefined,
      failedRun: undefined,
      others: undefined,
      ownEnded: false,
    },
    pacing: startPacing(settings.shortestLookMs, at),
  };
}

/** The state after an event at a moment in monotonic milliseconds. */
export function advance(life: Lifecycle, event: LifecycleEvent, at: number): Lifecycle {
  switch (event.type) {
    case "online":
    case "offline":
    case "step started":
    case "step completed":
      return said(life, event, at);
    case "pulse":
      return event.pulse === "dead" ? runnerExited(life, at) : life;
    case "hands":
      return handsChanged(life, event.hands, at);
    case "disagreement over":
      return whileHere(life, (here) => disagreementOver(here, at));
    case "settled":
      return settled(life);
    case "interrupted":
      return interrupted(life, event.why, at);
    case "out of time":
      return outOfTime(life);
    case "told to leave":
      return whileHere(life, (here) => leave(here, event.why, at));
    case "close answered":
      return whileHere(life, (here) => closeAnswered(here, event, at));
    case "runner seen":
      return whileHere(life, (here) => runnerSeen(here, event.runner, at));
    case "ways shown":
      return whileHere(life, (here) => waysShown(here, event.shows));
    case "step ended beside":
      return whileHere(life, (here) => stepEndedBeside(here, at));
    case "step seen":
      return whileHere(life, (here) => stepSeen(here, event, at));
    case "own steps seen":
      return whileHere(life, (here) => ownStepsSeen(here, event, at));
    case "pipeline seen":
      return whileHere(life, (here) => pipelineSeen(here, event, at));
    case "elsewhere seen":
      return whileHere(life, (here) => elsewhereSeen(here, event, at));
    case "others seen":
      return whileHere(life, (here) => othersSeen(here, event, at));
    case "stopped":
      return life.stage === "stopping" ? runnerGone(life, at, life.leaving.deadline) : life;
    case "unregistered":
      return life.stage === "unregistering" ? clearing(life, true) : life;
    case "cleaned":
      return life.stage === "clearing" ? { ...life, stage: "done", gone: true } : life;
    case "call failed":
      return callFailed(life, event.action, at);
  }
}

function said(life: Lifecycle, event: RunnerEvent, at: number): Lifecycle {
  const words = event.type === "step completed" ? "steps" : "some";
  const heard: Lifecycle = isHere(life) && life.words !== "steps" ? { ...life, words } : life;
  if (event.type === "step started") return stepStarted(heard, event.step, "words", at);
  if (event.type === "step completed") {
    return whileHere(heard, (here) => stepCompleted(here, event.result, at));
  }
  return heard;
}

/** What the others say is believed: a runner that seems idle to them may go, whatever it has running. */
function disagreementOver(life: Here, at: number): Lifecycle {
  if (life.work.kind === "suspected") {
    return { ...life, hands: "idle", work: { kind: "idle", since: at }, nextLook: at };
  }
  if (life.work.kind === "step") return stepCompleted(life, UNKNOWN_RESULT, at);
  return settled(life);
}

function settled(life: Lifecycle): Lifecycle {
  return life.stage === "leaving" && life.work.kind === "idle" ? stopping(life) : life;
}

function runnerExited(life: Lifecycle, at: number): Lifecycle {
  if (!isHere(life)) return life;
  const { work } = life;
  const inStep = work.kind === "step";
  const served = inStep ? [...life.served, { ...work.step, result: UNKNOWN_RESULT }] : life.served;
  const unexpected = inStep ? "The runner ended in the middle of a step" : "The runner ended by itself";
  const fault = life.reason !== undefined && !inStep ? life.fault : unexpected;
  const ended: Here = { ...life, served, fault, reason: life.reason ?? "it is gone" } as Here;
  return runnerGone(ended, at, life.stage === "leaving" ? life.deadline : undefined);
}

/** Somebody wants the program to end: at once where a later phase can take over a runner that may be at work. */
function interrupted(life: Lifecycle, why: string, at: number): Lifecycle {
  const deadline = at + (life.settings.handsOver ? HURRY_MS.handsOver : HURRY_MS.last);
  switch (life.stage) {
    case "watching":
    case "leaving":
      return handOver({ ...leave(life, why, at), deadline } as Here);
    case "stopping":
      return { ...life, leaving: { ...life.leaving, deadline } };
    case "unregistering":
      return { ...life, deadline };
    case "clearing":
    case "done":
      return life;
  }
}

function outOfTime(life: Lifecycle): Lifecycle {
  if (life.stage === "unregistering") return givenUp(life);
  return isHere(life) ? leftAsItIs(life) : life;
}
