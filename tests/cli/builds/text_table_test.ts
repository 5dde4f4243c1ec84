import assert from "node:assert/strict";
import { textTable } from "../../../cli/builds/text_table.ts";

Deno.test("`textTable()` gives each column the room it needs", () => {
  assert.deepEqual(textTable(["A", "LONG"], [["one", "1"], ["ä😀", ""]]), ["A    LONG", "one  1", "ä😀"]);
});

Deno.test("`textTable()` cuts the widest cells where 100 columns are not enough, with a mark", () => {
  const lines = textTable(["NAME", "WHY", "N"], [["n".repeat(70), "w".repeat(60), "12345678"], [
    "x",
    "y",
    "1",
  ]]);
  assert.deepEqual(lines.map((line) => line.length <= 100), [true, true, true]);
  assert.match(lines[1] ?? "", /^n+… {2}w+… {2}12345678$/);
  assert.equal(lines[1]?.length, 100);
});

Deno.test("`textTable()` spells out before it measures, so that no cell moves another", () => {
  assert.deepEqual(textTable(["A", "B"], [["\x1b[1m", "x"]]), ["A        B", "\\x1b[1m  x"]);
});

Deno.test("`textTable()` takes more rows than a call takes arguments", () => {
  assert.equal(textTable(["N"], Array.from({ length: 200_000 }, () => ["1"])).length, 200_001);
});
