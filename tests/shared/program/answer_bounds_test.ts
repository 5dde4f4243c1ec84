import assert from "node:assert/strict";
import { beyondBounds } from "../../../shared/program/answer_bounds.ts";

const DEEP = "nests too deep";
const MANY = "holds too many values";

const TEXTS: readonly (readonly [what: string, text: string, expected: ReturnType<typeof beyondBounds>])[] = [
  ["an ordinary answer", '{"values":[{"uuid":"{1}","labels":["a","b"]}],"next":null}', undefined],
  ["nothing", "", undefined],
  ["a hundred levels", nested("[", 100, "]"), undefined],
  ["one level more", nested("[", 101, "]"), DEEP],
  ["a million brackets that nobody closes", "[".repeat(1_000_000), DEEP],
  ["objects in each other", nested('{"a":', 101, "}"), DEEP],
  ["a list of many that are not in each other", `[${"[],".repeat(200)}[]]`, undefined],
  ["brackets within a string", JSON.stringify("[{".repeat(1000)), undefined],
  ["brackets after a quote in a string", JSON.stringify(`"${"[{".repeat(1000)}`), undefined],
  ["brackets after a string that ends in a backslash", `["\\\\",${"[".repeat(101)}`, DEEP],
  ["commas within a string", JSON.stringify(",".repeat(200_000)), undefined],
  ["more values than any answer has", `[${"0,".repeat(100_000)}0]`, MANY],
  ["more empty objects than any answer has", `{"values":[${"{},".repeat(100_000)}{}]}`, MANY],
  ["XML", "<a><b c='d'>e</b><f/><g/></a>", undefined],
  ["XML of a hundred elements beside each other", `<a>${"<b></b><c/>".repeat(100)}</a>`, undefined],
  ["XML of a hundred elements in each other", nested("<a>", 101, "</a>"), DEEP],
  ["XML with attributes, of a hundred elements in each other", nested('<a b="c">', 101, "</a>"), DEEP],
  ["XML with a head", `\n<?xml version="1.0"?>${nested("<a>", 100, "</a>")}`, undefined],
  ["XML of many elements", `<a>${"<b/>".repeat(100_001)}</a>`, MANY],
];

for (const [what, text, expected] of TEXTS) {
  Deno.test(`\`beyondBounds()\` of ${what}: ${expected ?? "to be parsed"}`, () => {
    assert.equal(beyondBounds(text), expected);
  });
}

function nested(opening: string, depth: number, closing: string): string {
  return opening.repeat(depth) + closing.repeat(depth);
}
