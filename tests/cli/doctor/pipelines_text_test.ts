import assert from "node:assert/strict";
import { readPipelinesText, USUAL_PIPELINES_FILE } from "../../../cli/doctor/pipelines_text.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

Deno.test("`readPipelinesText()` has a file's text, or why there is none", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = `${folder}/${USUAL_PIPELINES_FILE}`;
    assert.deepEqual(await readPipelinesText(path), { reason: "it is not there" });
    assert.deepEqual(await readPipelinesText(folder), { reason: "it is no file" });
    await Deno.writeTextFile(path, "pipelines: {}");
    assert.equal(await readPipelinesText(path), "pipelines: {}");
    await Deno.truncate(path, 1024 * 1024 + 1);
    assert.deepEqual(await readPipelinesText(path), { reason: "it has 1048577 bytes, more than 1048576" });
  });
});
