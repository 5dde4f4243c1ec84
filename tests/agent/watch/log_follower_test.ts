import assert from "node:assert/strict";
import fc from "fast-check";
import { LogFollower } from "../../../agent/watch/log_follower.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

/** Hands a follower and a way to write to the file it follows, which does not exist yet. */
async function following(
  body: (follower: LogFollower, write: (bytes: string | Uint8Array) => void, path: string) => void,
) {
  await withTemporaryFolder((folder) => {
    const path = `${folder}/runner.log`;
    const follower = new LogFollower(path);
    const encoder = new TextEncoder();
    try {
      body(follower, (bytes) => {
        const data = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
        Deno.writeFileSync(path, data, { append: true });
      }, path);
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
    const read: string[] = [];
    do read.push(...follower.readNewLines()); while (follower.behind);
    assert.deepEqual(read, lines);
  });
});

Deno.test("`LogFollower` reads a file that was replaced to its end, then the new one", async () => {
  await following((follower, write, path) => {
    write("one\ntwo\n");
    assert.deepEqual(follower.readNewLines(), ["one", "two"]);
    write("three\nhalf");
    Deno.renameSync(path, `${path}.1`);
    assert.deepEqual(follower.readNewLines(), ["three"], "there may come more while there is no new file");
    Deno.writeTextFileSync(`${path}.1`, " a line", { append: true });
    write("four\n");
    assert.deepEqual(follower.readNewLines(), ["half a line", "four"]);
    write("five\n");
    assert.deepEqual(follower.readNewLines(), ["five"]);
  });
});

Deno.test("`LogFollower` begins anew with a file that was cut", async () => {
  await following((follower, write, path) => {
    write("one\ntwo\nthr");
    follower.readNewLines();
    Deno.truncateSync(path);
    write("four\n");
    assert.deepEqual(follower.readNewLines(), ["thr", "four"]);
  });
});

Deno.test("`LogFollower` cuts a line without end, and goes on with the next", async () => {
  await following((follower, write) => {
    for (let part = 0; part < 30; part++) {
      write("x".repeat(100_000));
      assert.deepEqual(follower.readNewLines(), []);
    }
    write("\nnext\n");
    const [long, next] = follower.readNewLines();
    assert.equal(long, "x".repeat(64 * 1024));
    assert.equal(next, "next");
  });
});

Deno.test("`LogFollower` reads about a megabyte in one call, and says that there is more", async () => {
  await following((follower, write) => {
    write(`${"x".repeat(99)}\n`.repeat(15_000));
    const first = follower.readNewLines().length;
    assert.ok(first > 9_000 && first < 12_000, `${first}`);
    assert.equal(follower.behind, true);
    assert.equal(follower.readNewLines().length, 15_000 - first);
    assert.equal(follower.behind, false);
  });
});

Deno.test("`LogFollower` passes over what is no file, without waiting for it", async () => {
  await following((follower, write, path) => {
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
    assert.deepEqual(follower.readNewLines(), []);
    Deno.removeSync(path);
    Deno.symlinkSync(path, path);
    assert.deepEqual(follower.readNewLines(), []);
    Deno.removeSync(path);
    write("one\n");
    assert.deepEqual(follower.readNewLines(), ["one"]);
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

Deno.test("`LogFollower` goes on at the line where an earlier reading has ended, if it is still the same file", async () => {
  await following((follower, write, path) => {
    write("one\nzwei ü\nthr");
    follower.readNewLines();
    const { place } = follower;
    write("ee\nfour\n");
    const later = new LogFollower(path, place);
    assert.deepEqual(later.readNewLines(), ["three", "four"]);
    later.close();
    Deno.writeTextFileSync(`${path}.new`, "x\n".repeat(100));
    Deno.renameSync(`${path}.new`, path);
    const other = new LogFollower(path, place);
    assert.equal(other.readNewLines().length, 100, "another file");
    other.close();
    Deno.truncateSync(path, 4);
    const cut = new LogFollower(path, place);
    assert.deepEqual(cut.readNewLines(), ["x", "x"]);
    cut.close();
  });
});

Deno.test("`LogFollower` reads of too much only the end, whole lines of it, and says what it passed over", async () => {
  await following((follower, write, path) => {
    const count = () => {
      let lines = 0;
      do {
        for (const line of follower.readNewLines()) {
          lines++;
          assert.equal(line.length, 99);
        }
      } while (follower.behind);
      return lines;
    };
    const line = `${"x".repeat(98)}y\n`;
    write(line.repeat(80_000));
    assert.deepEqual([count(), follower.skippedBytes], [80_000, 0]);
    Deno.writeTextFileSync(path, line.repeat(400_000), { append: true });
    const read = count();
    assert.ok(read > 41_900 && read <= 41_943, `${read}`);
    assert.equal(follower.skippedBytes, 40_000_000 - 4 * 1024 * 1024);
    write(line);
    assert.equal(count(), 1);
  });
});

Deno.test("`LogFollower` reads no more than some ten thousand lines in one call, however short they are", async () => {
  await following((follower, write) => {
    write("\n".repeat(200_000));
    let count = 0;
    do {
      const { length } = follower.readNewLines();
      assert.ok(length < 80_000, `${length}`);
      count += length;
    } while (follower.behind);
    assert.equal(count, 200_000);
  });
});

Deno.test("`LogFollower` gets through a file of 600 MB without a line end", async () => {
  await following((follower, write, path) => {
    // A hole takes no place on the disk.
    Deno.writeTextFileSync(path, "");
    for (let size = 6; size <= 600; size += 6) {
      Deno.truncateSync(path, size * 1024 * 1024);
      do assert.deepEqual(follower.readNewLines(), []); while (follower.behind);
    }
    assert.equal(follower.skippedBytes, 0);
    write("\nnext\n");
    const lines = follower.readNewLines();
    assert.deepEqual([lines.length, lines[0]?.length, lines[1]], [2, 64 * 1024, "next"]);
  });
});
