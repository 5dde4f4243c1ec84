import assert from "node:assert/strict";
import fc from "fast-check";
import { afterLook, afterStep, startPacing } from "../../agent/look_pacing.ts";

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

Deno.test("`afterStep()` goes back to slow looks when quick ones are used up, and earns new ones with time", () => {
  let pacing = startPacing(10_000, 0);
  const delays: number[] = [];
  for (let step = 1; step <= 7; step++) {
    pacing = afterStep(pacing, step);
    delays.push(pacing.nextAt - step);
  }
  assert.deepEqual(delays.slice(5), [60_000, 60_000]);
  assert.ok(delays.slice(0, 5).every((delay) => delay <= 10_000), delays.join());
  assert.equal(afterStep(pacing, 300_000).nextAt, 301_500);
});

Deno.test("steps in quick succession earn 29 looks in an hour at most", () => {
  const pause = fc.integer({ min: 100, max: 9_000 });
  fc.assert(
    fc.property(fc.array(pause, { minLength: 400, maxLength: 2000 }), (pauses) => {
      let pacing = startPacing(10_000, 0);
      let at = 0;
      let looks = 0;
      for (const pause of pauses) {
        const stepEnd = Math.min(at + pause, HOUR_MS);
        if (pacing.nextAt <= stepEnd) {
          looks++;
          pacing = afterLook(pacing, pacing.nextAt, 1);
        }
        at = stepEnd;
        pacing = afterStep(pacing, at);
      }
      assert.ok(looks <= 29, `${looks} looks`);
    }),
    { numRuns: 50 },
  );
});
