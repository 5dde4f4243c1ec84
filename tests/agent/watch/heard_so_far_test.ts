import assert from "node:assert/strict";
import fc from "fast-check";
import { advance, startLifecycle } from "../../../agent/life/lifecycle.ts";
import type { Lifecycle } from "../../../agent/life/lifecycle_state.ts";
import type { RunnerEvent } from "../../../agent/life/runner_log.ts";
import { heardSoFar } from "../../../agent/watch/heard_so_far.ts";

const START = startLifecycle({
  mode: "multi-step",
  bitbucket: "asked",
  ownPipelineOnly: false,
  lingerMs: 0,
  pipelineUuid: "{p}",
  shortestLookMs: 10_000,
  idleTimeoutMs: Infinity,
  handsOver: true,
}, 0);

const event: fc.Arbitrary<RunnerEvent> = fc.oneof(
  fc.constant({ type: "online" } as const),
  fc.constant({ type: "offline" } as const),
  fc.constantFrom("PASSED", "FAILED").map((result) => ({ type: "step completed", result } as const)),
  fc.constantFrom("{a}", "{b}", "{c}").map((stepUuid) => ({
    type: "step started",
    step: { pipelineUuid: "{p}", stepUuid },
  } as const)),
);

/** What a later phase goes by: whether a step is at work, what was the last, and whether words are understood. */
function known(events: readonly RunnerEvent[]) {
  const life = events.reduce<Lifecycle>((state, one) => advance(state, one, 0), START);
  if (life.stage !== "watching") throw new Error("it has left");
  const { work, served, words } = life;
  const step = work.kind === "step" ? work.step : undefined;
  return { step, last: step === undefined ? served.at(-1) : undefined, words };
}

Deno.test("`heardSoFar()` tells a later phase as much as all that was heard, in four events at most", () => {
  fc.assert(fc.property(fc.array(event), (events) => {
    const least = events.reduce<readonly RunnerEvent[]>(heardSoFar, []);
    assert.ok(least.length <= 4, JSON.stringify(least));
    assert.deepEqual(known(least), known(events));
  }));
});
