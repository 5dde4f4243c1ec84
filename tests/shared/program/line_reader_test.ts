import assert from "node:assert/strict";
import { InterruptedError } from "../../../shared/program/errors.ts";
import { lineReader } from "../../../shared/program/line_reader.ts";

/** A terminal on which these pieces are typed. */
function terminal(pieces: readonly string[]) {
  const left = [...pieces];
  const raw: boolean[] = [];
  return {
    raw,
    setRaw: (on: boolean) => void raw.push(on),
    read(buffer: Uint8Array): Promise<number | null> {
      const piece = left.shift();
      if (piece === undefined) return Promise.resolve(null);
      const bytes = new TextEncoder().encode(piece);
      buffer.set(bytes);
      return Promise.resolve(bytes.length);
    },
  };
}

const ASK = () => {};
const SIGNAL = new AbortController().signal;

const TYPED: readonly (readonly [what: string, pieces: string[], lines: (string | undefined)[]])[] = [
  ["a line", ["one\n"], ["one", undefined]],
  ["several lines at once, one by one", ["one\ntwo\nth", "ree\n"], ["one", "two", "three", undefined]],
  ["an empty line", ["\n"], ["", undefined]],
  ["a line that the end of the input ends", ["one"], ["one", undefined]],
  ["keys one by one, with what is taken back", ["a", "b", "\x7f", "c", "\b", "d", "\r"], ["ad", undefined]],
  ["Ctrl-U, which takes everything back", ["wrong\x15right\n"], ["right", undefined]],
  ["Ctrl-D, which ends the input", ["\x04"], [undefined]],
  ["a character in two pieces of bytes", ["ä€\n"], ["ä€", undefined]],
];

for (const [what, pieces, lines] of TYPED) {
  Deno.test(`\`lineReader()\` reads ${what}`, async () => {
    const read = lineReader(terminal(pieces));
    for (const line of lines) assert.equal(await read(ASK, SIGNAL), line);
  });
}

Deno.test("`lineReader()` shows nothing of a hidden line, and shows the next", async () => {
  const typed = terminal(["secret\n", "shown\n"]);
  const read = lineReader(typed);
  assert.equal(await read(ASK, SIGNAL, { hidden: true }), "secret");
  assert.deepEqual(typed.raw, [true, false]);
  assert.equal(await read(ASK, SIGNAL), "shown");
  assert.deepEqual(typed.raw, [true, false]);
});

Deno.test("`lineReader()` hides before it asks", async () => {
  const typed = terminal(["secret\n"]);
  const hiddenBy: boolean[] = [];
  await lineReader(typed)(() => hiddenBy.push(...typed.raw), SIGNAL, { hidden: true });
  assert.deepEqual(hiddenBy, [true]);
});

Deno.test("`lineReader()` ends with the signal's reason, and leaves the terminal as it was", async () => {
  const raw: boolean[] = [];
  const interruption = new AbortController();
  const read = lineReader({ read: () => new Promise(() => {}), setRaw: (on) => void raw.push(on) });
  const line = read(ASK, interruption.signal, { hidden: true });
  interruption.abort(new InterruptedError("SIGINT"));
  await assert.rejects(line, InterruptedError);
  assert.deepEqual(raw, [true, false]);
  await assert.rejects(read(ASK, interruption.signal), InterruptedError);
});
