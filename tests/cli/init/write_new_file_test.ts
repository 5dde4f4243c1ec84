import assert from "node:assert/strict";
import { writeNewFile } from "../../../cli/init/write_new_file.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

Deno.test("`writeNewFile()` writes what is not there, and leaves what is", async () => {
  await withTemporaryFolder(async (folder) => {
    assert.equal(await writeNewFile(`${folder}/a`, "new"), true);
    assert.equal(await writeNewFile(`${folder}/a`, "newer"), false);
    assert.equal(await Deno.readTextFile(`${folder}/a`), "new");
  });
});

Deno.test("`writeNewFile()` says how to go on where it cannot write", async () => {
  await assert.rejects(writeNewFile("/no/such/folder/a", ""), {
    message: /^Cannot write \/no\/such\/folder\/a: /,
    hint: "start-runner init --print pipeline prints the sample",
  });
});
