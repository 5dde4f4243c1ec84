import assert from "node:assert/strict";
import fc from "fast-check";
import { OnceEach } from "../../../agent/watch/once_each.ts";

Deno.test("`OnceEach` gives each line once and in order, however two sources interleave", () => {
  const line = fc.constantFrom("one", "two", "three", "");
  fc.assert(fc.property(fc.array(line), fc.array(fc.tuple(fc.boolean(), fc.nat(3))), (lines, turns) => {
    const merged = new OnceEach();
    const given: string[] = [];
    const told = { stdout: 0, own: 0 };
    const tell = (source: "stdout" | "own", count: number) => {
      given.push(...merged.newOf(source, lines.slice(told[source], told[source] + count)));
      told[source] += count;
    };
    for (const [first, count] of turns) tell(first ? "stdout" : "own", count);
    tell("stdout", lines.length);
    tell("own", lines.length);
    assert.deepEqual(given, lines);
  }));
});

Deno.test("`OnceEach` gives what one source alone tells", () => {
  const merged = new OnceEach();
  assert.deepEqual(merged.newOf("stdout", ["a", "noise", "b"]), ["a", "noise", "b"]);
  assert.deepEqual(merged.newOf("own", ["a", "b", "b", "more"]), ["b", "more"]);
});

for (const [count, kept, forgotten] of [[1, 65, 50], [4, 93, 85]] as const) {
  Deno.test(`\`OnceEach\`, one of ${count}, remembers no more than its share of what one source alone tells`, () => {
    const merged = new OnceEach(count);
    const long = (index: number) => `${index} ${"x".repeat(100_000)}`;
    for (let index = 0; index < 100; index++) merged.newOf("stdout", [long(index)]);
    assert.deepEqual(merged.newOf("own", [long(kept)]), []);
    assert.deepEqual(merged.newOf("own", [long(forgotten)]), [long(forgotten)], "forgotten");
  });
}
