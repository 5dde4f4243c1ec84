import assert from "node:assert/strict";
import { overInWords, owes, settleMs } from "../../../agent/life/leaving_rules.ts";
import { type Lifecycle, startLifecycle } from "../../../agent/life/lifecycle_state.ts";

const FRESH = startLifecycle(
  { mode: "single-step", pipelineUuid: "{p}", shortestLookMs: 10_000, idleTimeoutMs: Infinity },
  0,
);

const OWING: readonly (readonly [Partial<Lifecycle>, boolean])[] = [
  [{ debt: 1, others: 1 }, false],
  [{ over: "ended", others: 1 }, false],
  [{ over: "ended", debt: 0, others: 1 }, false],
  [{ over: "ended", debt: 1, others: 0 }, false],
  [{ over: "ended", debt: 1 }, true],
  [{ over: "at a manual gate", debt: 2, others: 1 }, true],
];

Deno.test("`owes()` wants a pipeline that is over, a debt, and somebody it may be owed to", () => {
  for (const [part, expected] of OWING) {
    assert.equal(owes({ ...FRESH, ...part }), expected, JSON.stringify(part));
  }
});

const SETTLING: readonly (readonly [Partial<Lifecycle>, boolean])[] = [
  [{}, true],
  [{ showsStep: false }, true],
  [{ others: 0 }, true],
  [{ over: "ended", others: 1 }, true],
  [{ over: "at a manual gate", others: 0 }, true],
  [{ showsStep: true }, false],
  [{ closedWhileBusy: true }, false],
  [{ hurry: true }, false],
  [{ over: "ended", others: 0 }, false],
  [{ ownEnded: true, others: 0 }, false],
];

Deno.test("`settleMs()` listens for a heartbeat's time wherever a step may be under way unseen", () => {
  for (const [part, expected] of SETTLING) {
    assert.equal(settleMs({ ...FRESH, ...part }), expected ? 31_000 : 0, JSON.stringify(part));
  }
});

Deno.test("`overInWords()` tells an end from a gate", () => {
  assert.equal(overInWords({ ...FRESH, over: "ended" }), "has ended");
  assert.equal(overInWords({ ...FRESH, over: "at a manual gate" }), "waits at a manual gate");
});
