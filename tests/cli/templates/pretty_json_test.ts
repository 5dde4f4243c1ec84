import assert from "node:assert/strict";
import fc from "fast-check";
import { prettyJson } from "../../../cli/templates/pretty_json.ts";

Deno.test("`prettyJson()` writes the same value, in lines that can be read", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.deepEqual(JSON.parse(prettyJson(value)), JSON.parse(JSON.stringify(value)));
  }));
  assert.equal(prettyJson({ a: [1, { b: "c" }] }), '{ "a": [1, { "b": "c" }] }');
  const lines = prettyJson({ list: Array.from({ length: 40 }, (_, index) => `item ${index}`) }).split("\n");
  assert.ok(lines.every((line) => line.length <= 108) && lines.length > 40);
});
