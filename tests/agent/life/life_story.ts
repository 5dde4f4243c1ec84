import assert from "node:assert/strict";
import { advance, startLifecycle } from "../../../agent/life/lifecycle.ts";
import type {
  Lifecycle,
  LifecycleEvent,
  LifecycleSettings,
  Pool,
} from "../../../agent/life/lifecycle_state.ts";
import { type Action, type Decision, nextAction } from "../../../agent/life/next_action.ts";
import type { StepRef } from "../../../agent/life/runner_log.ts";

/** A moment in seconds, what is learned then (if anything), and what the agent does next, in words. */
export type Line = readonly [atS: number, event: LifecycleEvent | undefined, action: string];

export const OWN_PIPELINE = "{own}";
export const OWN: StepRef = { pipelineUuid: OWN_PIPELINE, stepUuid: "{step}" };
export const NEXT: StepRef = { pipelineUuid: OWN_PIPELINE, stepUuid: "{next}" };
export const OTHERS: StepRef = { pipelineUuid: "{other}", stepUuid: "{their-step}" };

export const began = (step: StepRef): LifecycleEvent => ({ type: "step started", step });
export const ended = (result: string): LifecycleEvent => ({ type: "step completed", result });
export const exited: LifecycleEvent = { type: "pulse", pulse: "dead" };
export const unseen: LifecycleEvent = { type: "pulse", pulse: "unknown" };
export const hands = (what: "busy" | "idle" | "unknown"): LifecycleEvent => ({ type: "hands", hands: what });
export const interrupted: LifecycleEvent = { type: "interrupted", why: "Interrupted by SIGTERM" };
export const told: LifecycleEvent = { type: "told to leave", why: "its build is ending" };
export const stopped: LifecycleEvent = { type: "stopped" };
export const unregistered: LifecycleEvent = { type: "unregistered" };
export const cleaned: LifecycleEvent = { type: "cleaned" };
export const failed = (action: string): LifecycleEvent => ({ type: "call failed", action });
export const stepSeen = (completed: boolean): LifecycleEvent => ({ type: "step seen", completed });
export const elsewhere = (ranElsewhere: number): LifecycleEvent => ({ type: "elsewhere seen", ranElsewhere });
export const others = (unfinished: number, ownEnded = true): LifecycleEvent => ({
  type: "others seen",
  unfinished,
  ownEnded,
  stretch: 1,
});
export const ownStep = (step: StepRef | undefined, sure = true): LifecycleEvent => ({
  type: "own steps seen",
  step,
  sure,
});
export const pipeline = (over?: Pool["over"], stretch = 1): LifecycleEvent => ({
  type: "pipeline seen",
  over,
  stretch,
});

/** How Bitbucket shows the runner, in words: «closed busy», «open idle»; undefined for 404. */
type Look = "closed busy" | "closed idle" | "open busy" | "open idle" | undefined;
export const seen = (look: Look): LifecycleEvent => ({ type: "runner seen", runner: view(look) });
export const closeAnswered = (look: Look): LifecycleEvent => ({
  type: "close answered",
  refused: false,
  runner: view(look),
});
export const closeRefused = (look: Look): LifecycleEvent => ({
  type: "close answered",
  refused: true,
  runner: view(look),
});

/** The wait for the next look at a busy runner, in seconds; forty minutes at the default poll interval. */
export const BUSY_LOOK_S = 2400;
export function busyLookAfter(atS: number): string {
  return `wait until ${atS + BUSY_LOOK_S}`;
}

/** The wait for a look at the pipeline after a step: Bitbucket needs a moment to carry its end over. */
export function quickLookAfter(atS: number): string {
  return `wait until ${atS + 1.5}`;
}

export interface StorySettings
  extends Partial<Omit<LifecycleSettings, "mode" | "idleTimeoutMs" | "lingerMs">> {
  readonly idleTimeoutS?: number;
  readonly lingerS?: number;
}

/** Plays a story and checks each action; returns the life at its end. */
export function play(
  mode: LifecycleSettings["mode"],
  lines: readonly Line[],
  { idleTimeoutS = 1800, lingerS = 0, handsOver = true, bitbucket = "asked", ownPipelineOnly = false }:
    StorySettings = {},
): Lifecycle {
  const settings = {
    mode,
    bitbucket,
    ownPipelineOnly,
    lingerMs: lingerS * 1000,
    pipelineUuid: OWN_PIPELINE,
    shortestLookMs: 10_000,
    idleTimeoutMs: idleTimeoutS * 1000,
    handsOver,
  };
  let life: Lifecycle = startLifecycle(settings, 0);
  for (const [atS, event, expected] of lines) {
    const at = Math.round(atS * 1000);
    if (event !== undefined) life = advance(life, event, at);
    const action = nextAction(life, at);
    assert.equal(
      inWords(action),
      expected,
      `at ${atS} s, ${JSON.stringify(event)}, in ${JSON.stringify(life)}`,
    );
    if (isDecision(action)) life = advance(life, action, at);
  }
  return life;
}

/** A story of a single-step runner: its lines, and what is left to say at its end. */
export interface SingleStepStory {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly results?: readonly string[];
  readonly fault?: string;
  readonly registered?: boolean;
  readonly handsOver?: boolean;
}

/** The runner is online, its step begins and it is closed. */
export const SERVING: readonly Line[] = [
  [0, undefined, "wait until 10"],
  [3, began(OWN), "close"],
  [4, closeAnswered("closed busy"), busyLookAfter(4)],
];
export const GONE: readonly Line[] = [
  [101, stopped, "unregister"],
  [102, unregistered, "clean up"],
  [103, cleaned, "finish"],
];

export function testSingleStep(story: SingleStepStory): void {
  const { name, lines, results = [], fault, registered = false, handsOver = true } = story;
  Deno.test(`a single-step runner ${name}`, () => {
    const life = play("single-step", lines, { handsOver });
    assert.deepEqual(life.served.map(({ result }) => result), results);
    assert.equal(life.fault, fault);
    assert.equal(life.stage === "done" && life.unregistered, !registered);
  });
}

/** Whether it is an event that is reported at once. */
export function isDecision(action: Action | Decision): action is Decision {
  return /^(told to leave|disagreement over|settled|out of time)$/.test(action.type);
}

function inWords(action: ReturnType<typeof nextAction>): string {
  switch (action.type) {
    case "wait":
      return `wait until ${action.untilMs / 1000}`;
    case "told to leave":
      return `leave: ${action.why}`;
    case "look at step":
      return `look at step ${action.step.stepUuid}`;
    default:
      return action.type;
  }
}

function view(look: Look) {
  const busy = look?.endsWith("busy") === true;
  return look && { closed: look.startsWith("closed"), busy, stepUuid: busy ? "{shown}" : undefined };
}
