import assert from "node:assert/strict";
import { embedCommit, importsOutside } from "../../../scripts/programs/bundle_program.ts";

Deno.test("`embedCommit()` puts the commit where the mark is", () => {
  assert.equal(embedCommit('var c="@commit@";', "0123456789ab"), 'var c="0123456789ab";');
  assert.equal(embedCommit('var c="@commit@";', undefined), 'var c="@commit@";');
});

Deno.test("`embedCommit()` refuses a bundle with no mark or two", () => {
  assert.throws(() => embedCommit("var c;", "0123456789ab"), /the mark occurs 0 times/);
  assert.throws(() => embedCommit('"@commit@@commit@"', "0123456789ab"), /the mark occurs 2 times/);
});

const CODE: readonly (readonly [string, readonly string[]])[] = [
  ['import process from "node:process";\nimport {\n  readFile\n} from "node:fs/promises";\n', []],
  ['const os = __require("os"), fs = await import("node:fs");', []],
  ['throw new Error("call require(\\"left-pad\\") first");', []],
  ["// the type of an inline `import()` is unknown", []],
  ['import { z } from "zod";\n', ["zod"]],
  ['import"./other.js";\n', ["./other.js"]],
  ['export * from "npm:zod";\n', ["npm:zod"]],
  ['try { x = __require("left-pad"); } catch {}', ["left-pad"]],
  ['const plugin = await import("./plugin.js");', ["./plugin.js"]],
  ["const plugin = await import(name);", ["import(name)"]],
];
for (const [code, expected] of CODE) {
  Deno.test(`\`importsOutside()\` finds ${expected.join(", ") || "nothing"} in ${code.trim()}`, () => {
    assert.deepEqual(importsOutside(code), expected);
  });
}
