import assert from "node:assert/strict";
import fc from "fast-check";
import { nextBeat } from "../../../agent/watch/next_beat.ts";

const BEATS: readonly (readonly [nowMs: number, gapMs: number, next: number])[] = [
  [0, 500, 500],
  [249, 500, 500],
  [250, 500, 500],
  [251, 500, 1000],
  [1000, 500, 1500],
  [12_345, 5000, 15_000],
];
for (const [nowMs, gapMs, next] of BEATS) {
  Deno.test(`\`nextBeat()\` after ${nowMs} ms, each ${gapMs} ms, is at ${next} ms`, () => {
    assert.equal(nextBeat(nowMs, gapMs), next);
  });
}

Deno.test("`nextBeat()` is the same for all who ask between two beats' middles, and never too soon nor too late", () => {
  const time = fc.double({ min: 0, max: 1e9, noNaN: true });
  fc.assert(fc.property(time, fc.integer({ min: 1, max: 100_000 }), (now, gap) => {
    const beat = nextBeat(now, gap);
    assert.equal(beat % gap, 0);
    assert.ok(beat - now >= gap / 2 - 1e-6 && beat - now <= gap * 1.5 + 1e-6);
  }));
});
