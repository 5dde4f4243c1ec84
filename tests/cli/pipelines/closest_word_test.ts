import assert from "node:assert/strict";
import { closestWord } from "../../../cli/pipelines/closest_word.ts";

const KNOWN = ["script", "after-script", "image", "oidc", "size", "max-time", "runs-on", "tags", "2x"];

const MEANT: readonly (readonly [string, string | undefined])[] = [
  ["scripts", "script"],
  ["scirpt", "script"],
  ["scrpit", "script"],
  ["afterScript", "after-script"],
  ["after_script", "after-script"],
  ["After Script", "after-script"],
  ["imagee", "image"],
  ["odic", "oidc"],
  ["tag", "tags"],
  ["runson", "runs-on"],
  ["maxtime", "max-time"],
  ["4x", undefined],
  ["os", undefined],
  ["sizing", undefined],
  ["services", undefined],
  ["", undefined],
  ["s".repeat(100_000), undefined],
];
for (const [word, meant] of MEANT) {
  Deno.test(`closestWord() takes «${word.slice(0, 20)}» for ${meant ?? "no known word"}`, () => {
    assert.equal(closestWord(word, KNOWN), meant);
  });
}
