import assert from "node:assert/strict";
import { makeFolder } from "../../../agent/runner/make_folder.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

Deno.test("`makeFolder()` makes a folder with those above it, and says which it could not make", async () => {
  await withTemporaryFolder(async (folder) => {
    await makeFolder(`${folder}/a/b`);
    await makeFolder(`${folder}/a/b`);
    assert.equal((await Deno.stat(`${folder}/a/b`)).isDirectory, true);
    await Deno.writeTextFile(`${folder}/file`, "");
    await assert.rejects(makeFolder(`${folder}/file/c`), {
      name: "RunnerError",
      message: `Cannot launch the runner: folder ${folder}/file/c cannot be made`,
    });
  });
});
