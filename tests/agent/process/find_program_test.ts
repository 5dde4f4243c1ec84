import assert from "node:assert/strict";
import { findProgram } from "../../../agent/process/find_program.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

Deno.test("`findProgram()` takes the first executable file on the PATH", async () => {
  await withTemporaryFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a/tool`, { recursive: true });
    await Deno.mkdir(`${folder}/b`);
    await Deno.writeTextFile(`${folder}/b/tool`, "", { mode: 0o644 });
    const file = await writeScript(`${folder}/c/tool`);
    await writeScript(`${folder}/d/tool`);
    const path = ["", ".", `${folder}/missing`, ...["a", "b", "c", "d"].map((name) => `${folder}/${name}`)]
      .join(":");
    assert.equal(await findProgram("tool", path), file);
    assert.equal(await findProgram("other", path), undefined);
    assert.equal(await findProgram("tool", undefined), undefined);
  });
});
