import assert from "node:assert/strict";
import fc from "fast-check";
import { leftOut, plainText, shortened } from "../../../shared/output/plain_text.ts";

const CASES: readonly [string, string][] = [
  ["feature/ü «x» 🚀 日本\ta", "feature/ü «x» 🚀 日本\ta"],
  ["a\nerror: b\r\nhint: c", "a\\nerror: b\\r\\nhint: c"],
  ["\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"],
  ["\0\b\x7f\x9b31m", "\\x00\\x08\\x7f\\x9b31m"],
  ["user\u202egnp.exe\u2066\u200e", "user\\u{202e}gnp.exe\\u{2066}\\u{200e}"],
  ["a\u2028b\u2029c\u0085d", "a\\u{2028}b\\u{2029}c\\x85d"],
  ["half \ud800 a pair \udc00", "half \\u{d800} a pair \\u{dc00}"],
  ["in\u200bvisible\ufeff\u{e0041}", "in\\u{200b}visible\\u{feff}\\u{e0041}"],
];

for (const [text, plain] of CASES) {
  Deno.test(`\`plainText()\` makes ${JSON.stringify(plain)} of what would not show as itself`, () => {
    assert.equal(plainText(text), plain);
  });
}

Deno.test("`plainText()` leaves one well-formed line, whatever the text, and does not change it again", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (one, other) => {
    // Halves of two texts meet as broken pairs do.
    const plain = plainText(one.slice(1) + other.slice(1));
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(plain, /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/);
    assert.ok(plain.isWellFormed());
    assert.equal(plainText(plain), plain);
  }));
});

Deno.test("`shortened()` says how much it has left out", () => {
  assert.equal(shortened("main"), "main");
  assert.equal(shortened("x".repeat(200)), "x".repeat(200));
  assert.equal(shortened("x".repeat(4096)), `${"x".repeat(200)}… (3896 characters left out)`);
  assert.equal(shortened("abcdef", 2), "ab… (4 characters left out)");
  assert.deepEqual([leftOut(0), leftOut(-1), leftOut(1)], ["", "", "… (1 characters left out)"]);
});
