import assert from "node:assert/strict";
import { makeFolder, makeWorkFolder } from "../../../agent/runner/make_folder.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

Deno.test("`makeFolder()` makes a folder with those above it, and says which it could not make", async () => {
  await withTemporaryFolder(async (folder) => {
    await makeFolder(`${folder}/a/b`);
    await makeFolder(`${folder}/a/b`);
    assert.equal((await Deno.stat(`${folder}/a/b`)).isDirectory, true);
    await Deno.writeTextFile(`${folder}/file`, "");
    await assert.rejects(makeFolder(`${folder}/file/c`), {
      name: "RunnerError",
      message: new RegExp(
        `^Cannot prepare the runner: no folder can be made at ${folder}/file/c: .*Not a directory`,
      ),
    });
  });
});

Deno.test("`makeWorkFolder()` makes another folder each time, which other users can enter", async () => {
  await withTemporaryFolder(async (folder) => {
    const made = [await makeWorkFolder(`${folder}/work`), await makeWorkFolder(`${folder}/work`)];
    assert.notEqual(made[0], made[1]);
    for (const path of made) {
      assert.ok(path.startsWith(`${folder}/work/`));
      assert.deepEqual([...Deno.readDirSync(path)], []);
      assert.equal((await Deno.stat(path)).mode, 0o40755);
    }
  });
});
