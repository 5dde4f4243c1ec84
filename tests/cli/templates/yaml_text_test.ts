import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { yamlText } from "../../../cli/templates/yaml_text.ts";

const TEXTS = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "yes",
    "no",
    "on",
    "~",
    "null",
    "2012-10-17",
    "0123",
    "1e3",
    "a: b",
    "- a",
    "#",
    "a #b",
    "x:",
    "*a",
  ),
  fc.array(fc.string()).map((lines) => lines.join("\n")),
);
const VALUES = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    TEXTS,
    fc.integer(),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(TEXTS, tie("value"), { maxKeys: 4 }),
  ),
})).value;

for (const version of ["1.1", "1.2"] as const) {
  Deno.test(`\`yamlText()\` writes what YAML ${version} reads as the same value`, () => {
    fc.assert(fc.property(VALUES, (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      assert.deepEqual(JSON.parse(JSON.stringify(parse(yamlText(plain), { version }))), plain);
    }));
  });
}

Deno.test("`yamlText()` is for people", () => {
  const value = { Key: "word", List: ["a", "b"], Text: "one\ntwo\n", Deep: [{ a: 1, b: "2" }], None: {} };
  assert.equal(
    yamlText(value),
    'Key: word\nList: [a, b]\nText: |\n  one\n  two\nDeep:\n  - a: 1\n    b: "2"\nNone: {}\n',
  );
});
