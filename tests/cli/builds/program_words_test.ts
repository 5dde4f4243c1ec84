import assert from "node:assert/strict";
import { programWords } from "../../../cli/builds/program_words.ts";

for (
  const [line, words] of [
    ["error: Cannot do it", ["error: Cannot do it"]],
    ["hint: try", ["hint: try"]],
    ["12:00:01 warning: late", ["warning: late"]],
    ["2026-11-29T12:00:01.123Z error: no", ["error: no"]],
    ['{"time":"x","level":"warning","message":"m"}', ["warning: m"]],
    ['{"level":"error","message":"m","hint":"h"}', ["error: m", "hint: h"]],
    ['{"level":"info","message":"error: quoted"}', []],
    ['{"level":"error","message":"cut', []],
    ["  echo 'error: in a script'", []],
    ["[Container] 2026/11/29 12:00:00 Running command echo error: x", []],
    ["npm error: of another program", []],
    ["error:", []],
  ] as const
) {
  Deno.test(`\`programWords()\` finds ${words.length} in «${line}»`, () => {
    assert.deepEqual(programWords(line), words);
  });
}
