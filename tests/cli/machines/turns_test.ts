import assert from "node:assert/strict";
import { Turns } from "../../../cli/machines/turns.ts";

Deno.test("`Turns` lets so many run at a time, in the order in which they ask, also after one that fails", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  let atOnce = 0;
  let most = 0;
  const runs = [1, 2, 3, 4, 5].map((number) =>
    turns.take(async () => {
      begun.push(number);
      most = Math.max(most, ++atOnce);
      await Promise.resolve();
      atOnce--;
      if (number === 2) throw new Error("no");
      return number;
    })
  );
  const outcomes = await Promise.allSettled(runs);
  assert.deepEqual(begun, [1, 2, 3, 4, 5]);
  assert.equal(most, 2);
  assert.deepEqual(outcomes.map(({ status }) => status === "rejected"), [false, true, false, false, false]);
});
