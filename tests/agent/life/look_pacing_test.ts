import assert from "node:assert/strict";
import fc from "fast-check";
import { afterLook, afterStep, startPacing } from "../../../agent/life/look_pacing.ts";

const HOUR_MS = 60 * 60_000;

Deno.test("`afterLook()` lengthens the gap to a minute at the default interval, and further on a short budget", () => {
  let pacing = startPacing(10_000, 0);
  const gaps: number[] = [];
  for (let look = 0; look < 8; look++) {
    const at = pacing.nextAt;
    pacing = afterLook(pacing, at, 1);
    gaps.push(pacing.nextAt - at);
  }
  assert.deepEqual(gaps, [10_000, 15_000, 22_500, 33_750, 50_625, 60_000, 60_000, 60_000]);
  assert.equal(afterLook(pacing, 0, 3).nextAt, 180_000);
});

Deno.test("`afterStep()` asks soon, but never sooner than the shortest interval after the last look", () => {
  const longAgo = afterStep(startPacing(10_000, 0), 60_000);
  assert.deepEqual([longAgo.nextAt, longAgo.gapMs], [61_500, 10_000]);
  const justNow = afterStep(afterLook(startPacing(10_000, 0), 59_000, 1), 60_000);
  assert.equal(justNow.nextAt, 69_000);
});

Deno.test("looks go back to a minute apart when the allowance is used up, and earn new ones with time", () => {
  let pacing = startPacing(10_000, 0);
  const delays: number[] = [];
  for (let step = 1; step <= 10; step++) {
    const at = step * 100;
    pacing = afterStep({ ...pacing, lastAt: -Infinity }, at);
    delays.push(pacing.nextAt - at);
    pacing = afterLook(pacing, at, 1);
  }
  assert.deepEqual(delays, [...Array(8).fill(1_500), 60_000, 60_000]);
  assert.equal(afterStep(pacing, 500_000).nextAt, 501_500);
});

Deno.test("steps in any succession cost 26 looks in an hour at most, as long as pauses are shorter than a minute", () => {
  const pause = fc.integer({ min: 100, max: 59_000 });
  const step = fc.integer({ min: 100, max: 120_000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(step, pause), { minLength: 30, maxLength: 2000 }), (steps) => {
      let pacing = startPacing(10_000, 0);
      let at = 0;
      let looks = 0;
      for (const [length, pause] of steps) {
        at += length;
        pacing = afterStep(pacing, at);
        const next = at + pause;
        while (pacing.nextAt < next && pacing.nextAt < HOUR_MS) {
          looks++;
          pacing = afterLook(pacing, pacing.nextAt, 1);
        }
        at = next;
      }
      assert.ok(looks <= 26, `${looks} looks`);
    }),
    { numRuns: 100 },
  );
});
