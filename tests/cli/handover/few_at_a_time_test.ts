import assert from "node:assert/strict";
import { fewAtATime } from "../../../cli/handover/few_at_a_time.ts";

const NUMBERS = Array.from({ length: 10 }, (_, index) => index);
const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve));

Deno.test("`fewAtATime()` answers in the order of the items, and has no more than four under way", async () => {
  let underWay = 0;
  let most = 0;
  const answers = await fewAtATime(NUMBERS, async (number) => {
    most = Math.max(most, ++underWay);
    for (let count = number % 3; count >= 0; count--) await turn();
    underWay--;
    return number * 2;
  });
  assert.deepEqual(answers, NUMBERS.map((number) => number * 2));
  assert.equal(most, 4);
  assert.deepEqual(await fewAtATime([], turn), []);
});

Deno.test("`fewAtATime()` begins no other once one has failed, tells those under way, and waits for them", async () => {
  const begun: number[] = [];
  const told: number[] = [];
  const run = fewAtATime(NUMBERS, async (number, failed) => {
    begun.push(number);
    if (number === 1) throw new Error("the second");
    await turn();
    await turn();
    if (failed.aborted) told.push(number);
  });
  await assert.rejects(run, /the second/);
  assert.deepEqual([begun, told], [[0, 1, 2, 3], [0, 2, 3]]);
});
