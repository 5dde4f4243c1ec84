import assert from "node:assert/strict";
import { Redactor } from "../../../shared/output/redact.ts";
import { coloured } from "../../../shared/output/coloured.ts";
import { writeLine } from "../../../shared/output/write_line.ts";

const WORDS: readonly (readonly [words: string, shown: string])[] = [
  ["error: ", "\x1b[31merror: \x1b[0m"],
  ["12:00:00Z ", "\x1b[2m12:00:00Z \x1b[0m"],
  ["12:00:00Z warning: ", "\x1b[2m12:00:00Z \x1b[0m\x1b[33mwarning: \x1b[0m"],
  ["Runner online: ", "\x1b[32mRunner online: \x1b[0m"],
  ["Build: ", "Build: "],
];

Deno.test("`coloured()` paints times and the program's own words", () => {
  for (const [words, expected] of WORDS) assert.equal(coloured(words), expected);
});

Deno.test("`writeLine()` colours its own words where colours show, and nothing of the text", () => {
  const line = (colour: boolean) => {
    let text = "";
    writeLine({ colour, write: (part) => void (text += part) }, "error: forged", new Redactor(), "hint: ");
    return text;
  };
  assert.equal(line(true), "\x1b[36mhint: \x1b[0merror: forged\n");
  assert.equal(line(false), "hint: error: forged\n");
});
