import assert from "node:assert/strict";
import { shellWord } from "../../../shared/output/shell_word.ts";

const WORDS: readonly (readonly [string, string])[] = [
  ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/a"],
  ["a b", "'a b'"],
  ["x; rm -rf ~", "'x; rm -rf ~'"],
  ["it's $(date) `date`", `'it'\\''s $(date) \`date\`'`],
  ["", "''"],
];

Deno.test("`shellWord()` gives one word of a shell, which stands for nothing but itself", () => {
  for (const [text, word] of WORDS) assert.equal(shellWord(text), word);
});
