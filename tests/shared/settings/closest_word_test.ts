import assert from "node:assert/strict";
import { closestWord } from "../../../shared/settings/closest_word.ts";

const KNOWN = ["doctor", "list", "logs", "stop", "pre_build", "post_build", "--compute-type"];

for (
  const [typed, meant] of [
    ["docter", "doctor"],
    ["lgos", "logs"],
    ["STOP", "stop"],
    ["prebuild", "pre_build"],
    ["--computetype", "--compute-type"],
    ["post_biuld", "post_build"],
    ["deploy", undefined],
    ["x", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`\`closestWord()\` takes «${typed}» for ${meant ?? "nothing known"}`, () => {
    assert.equal(closestWord(typed, KNOWN), meant);
  });
}
