import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readAssets } from "../../../scripts/publish/release_assets.ts";
import { releaseNotes } from "../../../scripts/publish/release_notes.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const SUM = createHash("sha256").update("one").digest("hex");

for (
  const [what, files, problem] of [
    ["all as it was made", { one: "one", SHA256SUMS: `${SUM}  one\n` }, undefined],
    ["another file under a name", { one: "two", SHA256SUMS: `${SUM}  one\n` }, /another one/],
    ["a file that is not named", { one: "one", two: "2", SHA256SUMS: `${SUM}  one\n` }, /another two/],
    ["a file that is missing", { SHA256SUMS: `${SUM}  one\n` }, /no one/],
    ["no sums", { one: "one" }, /SHA256SUMS does not fit/],
  ] as const
) {
  Deno.test(`\`readAssets()\` ${problem === undefined ? "takes" : "refuses"} ${what}`, () =>
    withTemporaryFolder(async (folder) => {
      for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
      const read = readAssets(folder);
      if (problem === undefined) assert.deepEqual([...(await read).keys()], ["SHA256SUMS", "one"]);
      else await assert.rejects(read, problem);
    }));
}

Deno.test("`releaseNotes()` takes the section of the very version", () => {
  const changelog =
    "# Changelog\n\n## 1.1.0-rc.1\n\nCandidate.\n\n## 1.1.0\n\nNew.\n\n## 1.0.0 (2026)\n\nFirst.\n";
  assert.equal(releaseNotes("v1.1.0", changelog), "New.\n");
  assert.equal(releaseNotes("v1.1.0-rc.1", changelog), "Candidate.\n");
  assert.equal(releaseNotes("v1.0.0", changelog), "First.\n");
  assert.throws(() => releaseNotes("v1.2.0", changelog), /has no section «## 1\.2\.0»/);
});
