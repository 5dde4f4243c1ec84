import assert from "node:assert/strict";
import { Expression, hclText, jsonEncoded } from "../../../cli/templates/hcl_text.ts";

Deno.test("`hclText()` has equals signs below one another as far as lines follow one another", () => {
  const body = { a: 1, long: "x", nested: { b: true }, c: ["d"], other_name: new Expression("var.e") };
  assert.equal(
    hclText([{ head: 'resource "t" "n"', body }]),
    `resource "t" "n" {
  a    = 1
  long = "x"
  nested = {
    b = true
  }
  c          = ["d"]
  other_name = var.e
}
`,
  );
});

Deno.test("`hclText()` puts blocks after a block's attributes, with an empty line between", () => {
  const inner = { head: "inner", body: { b: 2 } };
  assert.equal(
    hclText([{ head: "outer", body: { a: 1 }, blocks: [inner] }, {
      head: "empty",
      body: {},
      blocks: [inner],
    }]),
    "outer {\n  a = 1\n\n  inner {\n    b = 2\n  }\n}\n\nempty {\n  inner {\n    b = 2\n  }\n}\n",
  );
});

Deno.test("`hclText()` lets no text become an expression", () => {
  const body = { text: 'a "${b}" %{c}\n', "a key:with": 1 };
  assert.match(
    hclText([{ head: "h", body }]),
    /text {9}= "a \\"\$\$\{b\}\\" %%\{c\}\\n"\n {2}"a key:with" = 1/,
  );
});

Deno.test("`jsonEncoded()` is an expression of a document", () => {
  assert.equal(jsonEncoded({ Version: "1" }).text, 'jsonencode({\n    Version = "1"\n  })');
});
