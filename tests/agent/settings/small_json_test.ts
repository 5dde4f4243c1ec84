import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readSmallJson } from "../../../agent/settings/small_json.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

Deno.test("`readSmallJson()` gives what the file holds", async () => {
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/x.json`, '{"type":"shell"}');
    assert.deepEqual(await readSmallJson(`${folder}/x.json`), { type: "shell" });
  });
});

Deno.test("`readSmallJson()` says that there is none as Deno does", async () => {
  await assert.rejects(readSmallJson("/nowhere/x.json"), Deno.errors.NotFound);
});

const REFUSED: readonly (readonly [what: string, make: (path: string) => unknown, message: RegExp])[] = [
  ["a file of 2 MB", (path) => Deno.writeTextFileSync(path, " ".repeat(2 * 1024 * 1024)), /^more than 1 MB$/],
  ["brackets in brackets", (path) => Deno.writeTextFileSync(path, "[".repeat(1000)), /^it nests too deep$/],
  ["half a file", (path) => Deno.writeTextFileSync(path, '{"type":'), /JSON/],
  ["a pipe that nobody writes to", (path) => execFileSync("mkfifo", [path]), /^it is no file$/],
  ["a device that never ends", (path) => Deno.symlinkSync("/dev/zero", path), /^it is no file$/],
  ["a folder", (path) => Deno.mkdirSync(path), /^it is no file$/],
];
for (const [what, make, message] of REFUSED) {
  Deno.test(`\`readSmallJson()\` refuses ${what}`, async () => {
    await withTemporaryFolder(async (folder) => {
      make(`${folder}/x.json`);
      await assert.rejects(readSmallJson(`${folder}/x.json`), { message });
    });
  });
}
