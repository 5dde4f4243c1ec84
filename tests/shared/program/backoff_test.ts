import assert from "node:assert/strict";
import { backoffMs } from "../../../shared/program/backoff.ts";

Deno.test("`backoffMs()` doubles up to the longest pause and is spread over half of it", () => {
  const spread = (attempt: number, longestMs?: number) =>
    [0, 1].map((random) => backoffMs({ firstMs: 5000, ...longestMs && { longestMs } }, attempt, random));
  assert.deepEqual(spread(1, 60_000), [2500, 5000]);
  assert.deepEqual(spread(3, 60_000), [10_000, 20_000]);
  assert.deepEqual(spread(50, 60_000), [30_000, 60_000]);
  assert.deepEqual(spread(5), [40_000, 80_000]);
});
