import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ATTEMPTS,
  type Fault,
  LONGEST_PAUSE_MS,
  planPause,
  retryAfterMs,
} from "../../../shared/calls/retry_plan.ts";

const NOW = Date.parse("2026-11-21T04:00:00Z");

const WISHES: readonly (readonly [string | undefined, number | undefined])[] = [
  [undefined, undefined],
  ["", undefined],
  ["soon", undefined],
  ["0", 0],
  ["7", 7000],
  ["1.5", 1500],
  ["-3", undefined],
  ["Sat, 21 Nov 2026 04:00:30 GMT", 30_000],
  ["Sat, 21 Nov 2026 03:00:00 GMT", 0],
];

for (const [wish, expected] of WISHES) {
  Deno.test(`\`retryAfterMs()\` reads «${wish}» as ${expected}`, () => {
    const headers = new Headers(wish === undefined ? {} : { "retry-after": wish });
    assert.equal(retryAfterMs(headers, NOW), expected);
  });
}

function fault(status: number | undefined, wish?: number): Fault {
  const answer = status === undefined ? undefined : { status, headers: new Headers(), text: "" };
  return { describe: () => "", answer, mayHaveActed: false, retryAfterMs: wish };
}

Deno.test("`planPause()` grants the server's wish, up to the longest pause", () => {
  assert.deepEqual(planPause(fault(429, 7000), 1, 0), { ms: 7000, shortened: false });
  assert.deepEqual(planPause(fault(503, LONGEST_PAUSE_MS), 1, 0), { ms: LONGEST_PAUSE_MS, shortened: false });
  assert.deepEqual(planPause(fault(429, 3_600_000), 1, 0), { ms: LONGEST_PAUSE_MS, shortened: true });
});

Deno.test("`planPause()` doubles without a wish, with jitter, and all pauses of a call stay bounded", () => {
  const statuses = fc.option(fc.constantFrom(401, 408, 429, 500, 502, 503), { nil: undefined });
  fc.assert(fc.property(statuses, fc.double({ min: 0, max: 0.999, noNaN: true }), (status, random) => {
    const pauses = Array.from(
      { length: ATTEMPTS - 1 },
      (_, index) => planPause(fault(status), index + 1, random).ms,
    );
    const shortest = planPause(fault(status), 1, 0).ms;
    pauses.forEach((ms, index) => {
      const least = shortest * 2 ** index;
      assert.ok(ms >= least && ms <= 2 * least, `${ms} is not within ${least} and its double`);
    });
    assert.ok(pauses.reduce((sum, ms) => sum + ms, 0) <= 60_000);
  }));
});

Deno.test("`planPause()` gives an exhausted rate limit more time than a hiccup", () => {
  assert.ok(planPause(fault(429), 1, 0).ms > planPause(fault(502), 1, 0.999).ms);
});
