import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { listZip, readZipEntry } from "../../../agent/java/zip_file.ts";
import { jar } from "../../fixtures/class_jar.ts";
import { findTool, needing } from "../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const FILES = { "a.txt": "first", "folder/b.txt": "second ".repeat(1000), "empty": "" };

async function contents(archive: string): Promise<Record<string, string>> {
  using file = await Deno.open(archive);
  const found: Record<string, string> = {};
  for (const entry of await listZip(file)) {
    found[entry.name] = new TextDecoder().decode(await readZipEntry(file, entry));
  }
  return found;
}

for (const deflated of [true, false]) {
  Deno.test(`\`readZipEntry()\` gives back files that are ${deflated ? "deflated" : "stored"}`, async () => {
    await withTemporaryFolder(async (folder) => {
      await Deno.writeFile(`${folder}/x.zip`, jar(FILES, { deflated, comment: "with a comment" }));
      assert.deepEqual(await contents(`${folder}/x.zip`), FILES);
    });
  });
}

Deno.test({
  ...needing(
    ["python3"],
    "`listZip()` reads what another program has written, with more files than are counted",
  ),
  fn: async () => {
    await withTemporaryFolder(async (folder) => {
      const script = "import sys, zipfile\n" +
        "with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:\n" +
        "  for number in range(66000): z.writestr(f'{number}', f'content {number}')";
      execFileSync(findTool("python3") ?? "", ["-c", script, `${folder}/x.zip`]);
      using file = await Deno.open(`${folder}/x.zip`);
      const entries = await listZip(file);
      const last = entries.at(-1);
      assert.equal(entries.length, 66_000);
      assert.ok(last);
      assert.equal(new TextDecoder().decode(await readZipEntry(file, last)), "content 65999");
    });
  },
});

const LARGE = "x".repeat(17 * 1024 * 1024);
const TOO_LARGE: readonly (readonly [name: string, bytes: Uint8Array, message: string])[] = [
  ["that inflates a thousandfold", jar({ a: LARGE }, { deflated: true }), "it inflates to more than 16 MB"],
  [
    "that is stored",
    jar({ a: LARGE }, { deflated: false }),
    "a part of it is larger than any of a runner's",
  ],
];
for (const [what, bytes, message] of TOO_LARGE) {
  Deno.test(`\`readZipEntry()\` refuses a file ${what} and is larger than any of a runner's`, async () => {
    await withTemporaryFolder(async (folder) => {
      await Deno.writeFile(`${folder}/x.zip`, bytes);
      await assert.rejects(contents(`${folder}/x.zip`), { message });
    });
  });
}

Deno.test("`listZip()` refuses a directory that is larger than any of a runner's before it is read", async () => {
  await withTemporaryFolder(async (folder) => {
    const bytes = new Uint8Array(LARGE.length + 22);
    const end = new DataView(bytes.buffer, LARGE.length);
    end.setUint32(0, 0x06054b50, true);
    end.setUint32(12, LARGE.length, true);
    await Deno.writeFile(`${folder}/x.zip`, bytes);
    await assert.rejects(contents(`${folder}/x.zip`), {
      message: "a part of it is larger than any of a runner's",
    });
  });
});

const WHOLE = jar(FILES);
const BROKEN: readonly (readonly [name: string, bytes: Uint8Array, message: string])[] = [
  ["an empty file", new Uint8Array(), "it is no ZIP archive"],
  ["a text", new TextEncoder().encode("The stand-in runner needs no Java.\n"), "it is no ZIP archive"],
  ["an archive whose beginning is missing", WHOLE.subarray(100), "it is cut off"],
  [
    "an archive whose directory is written over",
    WHOLE.map((byte, at) => at > 200 && at < 260 ? 0 : byte),
    "its directory is broken",
  ],
];

for (const [name, bytes, message] of BROKEN) {
  Deno.test(`\`listZip()\` refuses ${name}`, async () => {
    await withTemporaryFolder(async (folder) => {
      await Deno.writeFile(`${folder}/x.zip`, bytes);
      await assert.rejects(contents(`${folder}/x.zip`), { message });
    });
  });
}
