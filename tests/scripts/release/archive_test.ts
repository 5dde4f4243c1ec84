import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import { archiveWith, HARMLESS, HOSTILE } from "../../fixtures/hostile_archive.ts";
import { type ArchiveEntry, packArchive, unpackArchive } from "../../../scripts/release/archive.ts";

const A: ArchiveEntry = { path: "a/long.txt", content: new Uint8Array([1, 2, 3]), executable: false };
const B: ArchiveEntry = { path: "b", content: new Uint8Array(), executable: true };

Deno.test("`packArchive()` gives the same bytes whatever the order of the entries", async () => {
  assert.deepEqual(await packArchive([A, B]), await packArchive([B, A]));
});

Deno.test("`unpackArchive()` gives back what was packed, with names up to 200 characters", async () => {
  const long = { ...A, path: `${"folder/".repeat(28)}file` };
  const entries = await unpackArchive(await packArchive([B, long, A]));
  assert.deepEqual(
    entries.map((entry) => ({ ...entry, content: [...entry.content] })),
    [
      { ...A, content: [1, 2, 3] },
      { ...B, content: [] },
      { ...long, content: [1, 2, 3] },
    ].sort((a, b) => a.path < b.path ? -1 : 1),
  );
});

Deno.test("`unpackArchive()` drops folders and dots", async () => {
  const tar = await packTar([
    { header: { name: "./", type: "directory", size: 0 } },
    { header: { name: "./bin/start.sh", type: "file", size: 1, mode: 0o750 }, body: "x" },
  ]);
  const [entry, ...others] = await unpackArchive(gzipSync(tar));
  assert.deepEqual([entry?.path, entry?.executable, others], ["bin/start.sh", true, []]);
});

for (const [what, members, expected] of HOSTILE) {
  Deno.test(`\`unpackArchive()\` refuses ${what}`, async () => {
    await assert.rejects(unpackArchive(await archiveWith(await packArchive([A, B]), members)), expected);
  });
}

Deno.test("`unpackArchive()` keeps links that stay inside, and has what is linked hard as a file", async () => {
  const hard = { name: "c", type: "link", linkname: "a/long.txt" } as const;
  const entries = await unpackArchive(await archiveWith(await packArchive([A, B]), [...HARMLESS, hard]));
  const again = await unpackArchive(await packArchive(entries));
  const links = again.filter((entry) => entry.link !== undefined).map(({ path, link }) => [path, link]);
  assert.deepEqual(links.sort(), HARMLESS.map(({ name, linkname }) => [name, linkname]).sort());
  assert.deepEqual([...again.find(({ path }) => path === "c")?.content ?? []], [1, 2, 3]);
});
