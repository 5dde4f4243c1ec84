import assert from "node:assert/strict";
import { terminalWriter } from "../../../shared/program/terminal_writer.ts";

function shown(env: Record<string, string> = {}, columns: () => number = () => 20) {
  const parts: string[] = [];
  const writer = terminalWriter({ write: (text) => void parts.push(text) }, { env, columns });
  return { parts, writer };
}

Deno.test("`terminalWriter()` takes a passing text back before the next one, and before a line", () => {
  const { parts, writer } = shown();
  writer.passing?.("queued … 1 s");
  writer.passing?.("queued … 2 s");
  writer.write("line\n");
  writer.write("line\n");
  assert.deepEqual(parts, ["queued … 1 s", "\r\x1b[Kqueued … 2 s", "\r\x1b[Kline\n", "line\n"]);
});

Deno.test("`terminalWriter()` writes nothing for no text where none is shown", () => {
  const { parts, writer } = shown();
  writer.passing?.("");
  writer.passing?.("x");
  writer.passing?.("");
  writer.passing?.("");
  assert.deepEqual(parts, ["x", "\r\x1b[K"]);
});

Deno.test("`terminalWriter()` keeps a passing text within one line, of a common width where nobody knows", () => {
  const { parts, writer } = shown();
  writer.passing?.("x".repeat(30));
  assert.equal(parts[0], "x".repeat(19));
  const unknown = shown({}, () => {
    throw new Error("not a terminal");
  });
  unknown.writer.passing?.("x".repeat(300));
  assert.equal(unknown.parts[0]?.length, 79);
  const sizeless = shown({}, () => 0);
  sizeless.writer.passing?.("queued … 1 s");
  assert.deepEqual(sizeless.parts, ["queued … 1 s"]);
});

Deno.test("`terminalWriter()` has colours unless NO_COLOR is set to something", () => {
  assert.equal(shown().writer.colour, true);
  assert.equal(shown({ NO_COLOR: "" }).writer.colour, true);
  assert.equal(shown({ NO_COLOR: "1" }).writer.colour, false);
});
