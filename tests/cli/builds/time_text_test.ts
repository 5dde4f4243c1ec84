import assert from "node:assert/strict";
import { timeText } from "../../../cli/builds/time_text.ts";

Deno.test("`timeText()` takes the largest unit that says enough", () => {
  const cases = [
    [-5, "0 s"],
    [119_000, "119 s"],
    [120_000, "2 min"],
    [7_199_000, "119 min"],
    [7_200_000, "2 h"],
    [172_799_000, "47 h"],
    [172_800_000, "2 d"],
  ] as const;
  for (const [ms, text] of cases) assert.equal(timeText(ms), text);
});
