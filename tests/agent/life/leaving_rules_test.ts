import assert from "node:assert/strict";
import {
  hasFailed,
  hasPassed,
  idleWithoutBitbucket,
  isBlind,
  overInWords,
  owes,
  settleMs,
  showsStep,
  staysOn,
  undelivered,
} from "../../../agent/life/leaving_rules.ts";
import { startLifecycle } from "../../../agent/life/lifecycle.ts";
import type { Door, Here, Leaving, Pool } from "../../../agent/life/lifecycle_state.ts";
import { leave } from "../../../agent/life/step_events.ts";

const FRESH = startLifecycle({
  mode: "single-step",
  bitbucket: "asked",
  ownPipelineOnly: false,
  lingerMs: 0,
  pipelineUuid: "{p}",
  shortestLookMs: 10_000,
  idleTimeoutMs: Infinity,
  handsOver: true,
}, 0);

const OWING: readonly (readonly [Partial<Pool>, boolean])[] = [
  [{ debt: 1, others: 1 }, false],
  [{ over: "ended", others: 1 }, false],
  [{ over: "ended", debt: 0, others: 1 }, false],
  [{ over: "ended", debt: 1, others: 0 }, false],
  [{ over: "ended", debt: 1 }, true],
  [{ over: "at a manual gate", debt: 2, others: 1 }, true],
];

Deno.test("`owes()` wants a pipeline that is over, a debt, and somebody it may be owed to", () => {
  for (const [part, expected] of OWING) {
    assert.equal(owes({ ...FRESH.pool, ...part }), expected, JSON.stringify(part));
  }
});

const SHUT: Partial<Door> = { state: "closed" };
const SETTLING: readonly (readonly [Partial<Pool>, Here["shows"], Partial<Door>, boolean])[] = [
  [{}, { open: undefined, closed: undefined }, {}, true],
  [{}, { open: true, closed: false }, SHUT, true],
  [{}, { open: true, closed: undefined }, SHUT, true],
  [{ others: 0 }, FRESH.shows, {}, true],
  [{ over: "ended", others: 1 }, FRESH.shows, {}, true],
  [{ over: "at a manual gate", others: 0 }, FRESH.shows, {}, true],
  [{}, { open: true, closed: undefined }, { state: "refused" }, false],
  [{}, { open: undefined, closed: true }, SHUT, false],
  [{}, FRESH.shows, { whileBusy: true }, false],
  [{ over: "ended", others: 0 }, FRESH.shows, {}, true],
  [{ ownEnded: true, others: 0 }, FRESH.shows, {}, false],
];

Deno.test("`settleMs()` listens for a heartbeat's time wherever a step may be under way unseen", () => {
  for (const [pool, shows, door, expected] of SETTLING) {
    const life = { pool: { ...FRESH.pool, ...pool }, shows, door: { ...FRESH.door, ...door } };
    assert.equal(settleMs(life), expected ? 31_000 : 0, JSON.stringify([pool, shows, door]));
  }
});

Deno.test("`showsStep()` goes by what was seen of a runner whose door is as this one's", () => {
  const shows = { open: true, closed: false };
  assert.equal(showsStep({ door: FRESH.door, shows }), true);
  assert.equal(showsStep({ door: { ...FRESH.door, state: "closed" }, shows }), false);
});

Deno.test("`undelivered()` is the last step until Bitbucket has said that it is over", () => {
  const step = { pipelineUuid: "{p}", stepUuid: "{s}", result: "PASSED" };
  assert.equal(undelivered(FRESH), undefined);
  assert.equal(undelivered({ ...FRESH, served: [step] }), step);
  assert.equal(undelivered({ ...FRESH, served: [step], lastStepOver: true }), undefined);
});

Deno.test("`isBlind()` when neither its words on steps nor what it has running can be told", () => {
  assert.equal(isBlind({ hands: "unknown", words: "some" }), true);
  assert.equal(isBlind({ hands: "unknown", words: "steps" }), false);
  assert.equal(isBlind({ hands: "idle", words: "none" }), false);
});

Deno.test("`hasFailed()` and `hasPassed()` read the runner's words and Bitbucket's, and hold nothing unknown against a step", () => {
  for (const word of ["PASSED", "SUCCESSFUL"]) {
    assert.deepEqual([hasFailed(word), hasPassed(word)], [false, true]);
  }
  for (const word of ["FAILED", "ERROR", "NEW"]) {
    assert.deepEqual([hasFailed(word), hasPassed(word)], [true, false]);
  }
  for (const word of ["STOPPED", "UNKNOWN"]) {
    assert.deepEqual([hasFailed(word), hasPassed(word)], [false, false]);
  }
});

const STAYING:
  readonly (readonly [lingerMs: number, bitbucket: "asked" | "never", pipeline: string, string, boolean])[] =
    [
      [0, "asked", "{p}", "FAILED", false],
      [1, "asked", "{p}", "FAILED", true],
      [1, "asked", "{p}", "UNKNOWN", true],
      [1, "asked", "{p}", "PASSED", false],
      [1, "asked", "{other}", "PASSED", true],
      [1, "never", "{other}", "PASSED", false],
    ];

Deno.test("`staysOn()` keeps a single-step runner that lingers for its own pipeline's sake", () => {
  for (const [lingerMs, bitbucket, pipelineUuid, result, expected] of STAYING) {
    const life = { ...FRESH, settings: { ...FRESH.settings, lingerMs, bitbucket } };
    assert.equal(
      staysOn(life, { pipelineUuid, result }, 0),
      expected,
      `${bitbucket} ${pipelineUuid} ${result}`,
    );
  }
  const settings = { ...FRESH.settings, lingerMs: 1, bitbucket: "never" } as const;
  const life = { settings, pool: { ...FRESH.pool, lingerUntil: 10 } };
  const theirs = { pipelineUuid: "{other}", result: "PASSED" };
  assert.deepEqual([staysOn(life, theirs, 9), staysOn(life, theirs, 10)], [true, false]);
});

const AWAY: Leaving = {
  ...leave(FRESH, "its build is ending", 0),
  hands: "idle",
  failures: 3,
  door: { ...FRESH.door, state: "closed" },
};
const STEP = { pipelineUuid: "{p}", stepUuid: "{s}", result: "PASSED" };
const WITHOUT: readonly (readonly [string, Partial<Leaving>, number, boolean])[] = [
  ["long enough idle", {}, 31_000, true],
  ["too early", {}, 30_999, false],
  ["too few looks", { failures: 2 }, 31_000, false],
  ["blind", { hands: "unknown" }, 3_600_000, false],
  ["with a result under way", { served: [STEP] }, 599_999, false],
  ["with a result long delivered", { served: [STEP] }, 600_000, true],
  ["just closed", { door: { ...FRESH.door, state: "closed", at: 100_000 } }, 120_000, false],
  ["open", { door: FRESH.door }, 3_600_000, false],
];

Deno.test("`idleWithoutBitbucket()` wants another sense, and time for what may be under way", () => {
  for (const [name, part, at, expected] of WITHOUT) {
    assert.equal(idleWithoutBitbucket({ ...AWAY, ...part }, at), expected, name);
  }
});

Deno.test("`overInWords()` tells an end from a gate", () => {
  assert.equal(overInWords({ ...FRESH.pool, over: "ended" }), "has ended");
  assert.equal(overInWords({ ...FRESH.pool, over: "at a manual gate" }), "waits at a manual gate");
});
