import assert from "node:assert/strict";
import fc from "fast-check";
import { shellCommands } from "../../../../cli/pipelines/findings/shell_commands.ts";

/** A script, and its commands with their assignments in front. */
const READ: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  ["", []],
  ["make", [["make"]]],
  ["make  -j 4\tall", [["make", "-j", "4", "all"]]],
  ["a; b && c || d | e & f\ng", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]],
  ["(a; b)", [["a"], ["b"]]],
  ["a \\\n  --b", [["a", "--b"]]],
  ["a 'b; c' \"d && e\"", [["a", "b; c", "d && e"]]],
  ["a --b='c d'e", [["a", "--b=c de"]]],
  ['a "b\\"c" \'d"e\'', [["a", 'b"c', 'd"e']]],
  ["a '' b", [["a", "", "b"]]],
  ["a # b; c\nd", [["a"], ["d"]]],
  ["a#b", [["a#b"]]],
  ["a $B ${C:-d}", [["a", "$B", "${C:-d}"]]],
  ["X=1 Y='2 3' a Z=4", [["X=1", "Y=2 3", "a", "Z=4"]]],
  ["X=1", [["X=1"]]],
  ["a 'b", [["a", "b"]]],
  ['a "b\\', [["a", "b\\"]]],
];
for (const [script, expected] of READ) {
  Deno.test(`shellCommands() takes ${JSON.stringify(script)} apart`, () => {
    const commands = shellCommands(script).map(({ assignments, words }) => [
      ...assignments.map(([name, value]) => `${name}=${value}`),
      ...words,
    ]);
    assert.deepEqual(commands, expected);
  });
}

Deno.test("shellCommands() tells what is set for a command from what is handed to it", () => {
  assert.deepEqual(shellCommands("X=1 a Z=4"), [{ assignments: [["X", "1"]], words: ["a", "Z=4"] }]);
});

Deno.test("shellCommands() reads back words that are quoted, whatever is in them", () => {
  const words = fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(words, (words) => {
    const script = ["run", ...words.map((word) => `'${word.replaceAll("'", "'\\''")}'`)].join(" ");
    assert.deepEqual(shellCommands(script), [{ assignments: [], words: ["run", ...words] }]);
  }));
});
