import assert from "node:assert/strict";
import { Redactor } from "../../../shared/output/redact.ts";
import { cleanText, writeLine, writeObject, writePage } from "../../../shared/output/write_line.ts";

const HOSTILE = "a\nerror: forged\r\x1b[31m the-secret \u202e";
const CLEAN = "a\\nerror: forged\\r\\x1b[31m *** \\u{202e}";

function written(write: (stream: { write(text: string): void }, redactor: Redactor) => void): string {
  let text = "";
  const redactor = new Redactor();
  redactor.add("the-secret");
  write({ write: (part) => void (text += part) }, redactor);
  return text;
}

Deno.test("`writeLine()` writes one line, without secrets and control characters", () => {
  assert.equal(written((to, redactor) => writeLine(to, HOSTILE, redactor)), `${CLEAN}\n`);
  assert.equal(written((to, redactor) => writeLine(to, HOSTILE, redactor, "hint: ")), `hint: ${CLEAN}\n`);
});

Deno.test("`writeLine()` knows the end of a broken secret also behind its own words", () => {
  assert.equal(
    written((to, redactor) => writeLine(to, "secret is over", redactor, "  | ")),
    "  | *** is over\n",
  );
});

Deno.test("`writeObject()` writes one object, in whose values nothing is hidden from who reads them", () => {
  const values = { text: HOSTILE, count: 2, yes: true, none: undefined };
  const line = written((to, redactor) => writeObject(to, values, redactor));
  assert.equal(line.indexOf("\n"), line.length - 1);
  assert.deepEqual(JSON.parse(line), { text: CLEAN, count: 2, yes: true });
});

Deno.test("`writePage()` keeps its lines, and nothing else that is no character", () => {
  assert.equal(written((to) => writePage(to, "a\n\tb\x1b\n")), "a\n\tb\\x1b\n");
});

Deno.test("what is longer than a line may be is cut, in both formats, and no secret shows at the cut", () => {
  const flood = `${"x".repeat(16_380)}the-secret${"y".repeat(100_000)}`;
  const mark = /^x{16380}the-… \(100006 characters left out\)$/;
  assert.match(written((to, redactor) => writeLine(to, flood, redactor)).trimEnd(), mark);
  assert.match(JSON.parse(written((to, redactor) => writeObject(to, { flood }, redactor))).flood, mark);
  const redactor = new Redactor();
  redactor.add("the-secret");
  assert.equal(cleanText("xx the-secret", redactor, 10), "xx ***… (3 characters left out)");
});

Deno.test("`writeObject()` writes one line, whose texts are like lines at whatever depth", () => {
  const line = written((to, redactor) =>
    writeObject(to, [{ deep: [HOSTILE], count: 1, none: null }], redactor)
  );
  assert.equal(line.split("\n").length, 2);
  assert.deepEqual(JSON.parse(line), [{ deep: [CLEAN], count: 1, none: null }]);
});
