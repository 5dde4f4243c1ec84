import assert from "node:assert/strict";
import fc from "fast-check";
import { LogFollower } from "../../../agent/watch/log_follower.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

/** Hands a follower and a way to write to the file it follows, which does not exist yet. */
async function following(body: (follower: LogFollower, write: (bytes: string | Uint8Array) => void) => void) {
  await withTemporaryFolder((folder) => {
    const path = `${folder}/runner.log`;
    const follower = new LogFollower(path);
    const encoder = new TextEncoder();
    try {
      body(follower, (bytes) => {
        const data = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
        Deno.writeFileSync(path, data, { append: true });
      });
    } finally {
      follower.close();
    }
    return Promise.resolve();
  });
}

Deno.test("`LogFollower` reads each line once, whole, and from the beginning", async () => {
  await following((follower, write) => {
    assert.deepEqual(follower.readNewLines(), [], "no file yet");
    write("one\ntwo\nthr");
    assert.deepEqual(follower.readNewLines(), ["one", "two"]);
    assert.deepEqual(follower.readNewLines(), []);
    write("ee\n\nfive\n");
    assert.deepEqual(follower.readNewLines(), ["three", "", "five"]);
  });
});

Deno.test("`LogFollower` takes CRLF for a line end, wherever a reading cuts it", async () => {
  await following((follower, write) => {
    write("one\r\ntwo\r");
    assert.deepEqual(follower.readNewLines(), ["one"]);
    write("\nthree\r\n");
    assert.deepEqual(follower.readNewLines(), ["two", "three"]);
  });
});

Deno.test("`LogFollower` puts characters together that were written in two parts", async () => {
  await following((follower, write) => {
    const bytes = new TextEncoder().encode("grün 🏃\n");
    for (const byte of bytes.slice(0, -1)) {
      write(Uint8Array.of(byte));
      assert.deepEqual(follower.readNewLines(), []);
    }
    write("\n");
    assert.deepEqual(follower.readNewLines(), ["grün 🏃"]);
  });
});

Deno.test("`LogFollower` reads much at once, across its buffer's ends", async () => {
  await following((follower, write) => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ü🏃`);
    write(`${lines.join("\n")}\n`);
    assert.deepEqual(follower.readNewLines(), lines);
  });
});

Deno.test("`LogFollower` loses nothing, however the writing is cut", async () => {
  const cut = fc.tuple(fc.array(fc.string({ unit: "grapheme" })), fc.array(fc.nat(7), { minLength: 1 }));
  await fc.assert(
    fc.asyncProperty(cut, async ([texts, sizes]) => {
      const lines = texts.map((text) => text.replaceAll(/[\r\n]/g, " ").replaceAll(/\uFEFF/g, ""));
      const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
      await following((follower, write) => {
        const read: string[] = [];
        for (let start = 0, turn = 0; start < bytes.length; turn++) {
          const end = start + 1 + (sizes[turn % sizes.length] ?? 0);
          write(bytes.slice(start, end));
          read.push(...follower.readNewLines());
          start = end;
        }
        assert.deepEqual(read, lines);
      });
    }),
    { numRuns: 30 },
  );
});
