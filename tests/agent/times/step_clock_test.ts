import assert from "node:assert/strict";
import { StepClock } from "../../../agent/times/step_clock.ts";
import { advance, startLifecycle } from "../../../agent/life/lifecycle.ts";
import type { Lifecycle, LifecycleEvent } from "../../../agent/life/lifecycle_state.ts";

const SETTINGS = {
  mode: "multi-step",
  bitbucket: "asked",
  ownPipelineOnly: false,
  lingerMs: 0,
  pipelineUuid: "{p}",
  shortestLookMs: 10_000,
  idleTimeoutMs: Infinity,
  handsOver: true,
} as const;
const begins = (stepUuid: string): LifecycleEvent => ({
  type: "step started",
  step: { pipelineUuid: "{p}", stepUuid },
});
const ENDS: LifecycleEvent = { type: "step completed", result: "PASSED" };

function play(
  clock: { now: number },
  steps: StepClock,
  events: readonly [atMs: number, LifecycleEvent][],
): void {
  let life: Lifecycle = startLifecycle(SETTINGS, 0);
  steps.note(life);
  for (const [at, event] of events) {
    clock.now = at;
    life = advance(life, event, at);
    steps.note(life);
  }
}

Deno.test("`StepClock` takes the first beginning, the last end, and what steps take together", () => {
  const clock = { now: 0 };
  const steps = new StepClock(() => clock.now);
  assert.equal(steps.times, undefined);
  play(clock, steps, [[5, begins("{a}")], [15, ENDS], [20, begins("{b}")], [23, ENDS], [30, begins("{c}")], [
    31,
    begins("{d}"),
  ], [
    33,
    ENDS,
  ]]);
  assert.deepEqual(steps.times, { firstMs: 5, lastMs: 33, busyMs: 16 });
});

Deno.test("`StepClock` goes on with what the phase before has taken, a step under way included", () => {
  const clock = { now: 0 };
  const before = new StepClock(() => clock.now);
  play(clock, before, [[5, begins("{a}")]]);
  clock.now = 9;
  const after = new StepClock(() => clock.now, before.times);
  play(clock, after, [[9, begins("{a}")], [12, ENDS]]);
  assert.deepEqual(after.times, { firstMs: 5, lastMs: 12, busyMs: 7 });
});

Deno.test("`StepClock` counts the time once in which several runners serve steps", () => {
  const clock = { now: 0 };
  const steps = new StepClock(() => clock.now);
  const lives = [1, 2, 3].map((): Lifecycle => startLifecycle(SETTINGS, 0));
  const moments: readonly [atMs: number, number: number, LifecycleEvent][] = [
    [5, 1, begins("{a}")],
    [8, 2, begins("{b}")],
    [10, 1, ENDS],
    [10, 1, begins("{c}")],
    [12, 3, begins("{d}")],
    [15, 2, ENDS],
    [16, 1, ENDS],
    [20, 3, ENDS],
    [30, 2, begins("{e}")],
    [31, 2, ENDS],
  ];
  for (const [at, number, event] of moments) {
    clock.now = at;
    const life = advance(lives[number - 1] ?? startLifecycle(SETTINGS, 0), event, at);
    lives[number - 1] = life;
    steps.note(life, number);
  }
  assert.deepEqual(steps.times, { firstMs: 5, lastMs: 31, busyMs: 16 });
});

Deno.test("`StepClock` does not go backwards with a clock that is set while several runners serve steps", () => {
  const clock = { now: 100 };
  const steps = new StepClock(() => clock.now);
  const [one, two] = [begins("{a}"), begins("{b}")].map((event) =>
    advance(startLifecycle(SETTINGS, 0), event, 0)
  );
  assert.ok(one && two);
  steps.note(one, 1);
  clock.now = 60;
  steps.note(two, 2);
  clock.now = 80;
  assert.deepEqual(steps.times, { firstMs: 100, lastMs: 80, busyMs: 20 });
});
