import assert from "node:assert/strict";
import { writeNewFile } from "../../../cli/init/write_new_file.ts";
import { needing } from "../../fixtures/needing.ts";
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

Deno.test(
  needing(["sh"], "`writeNewFile()` leaves nothing of a file for which there was no room"),
  async () => {
    await withTemporaryFolder(async (folder) => {
      const text = "x".repeat(100_000);
      const code = `import { writeNewFile } from ${JSON.stringify(MODULE)};
        await writeNewFile(${JSON.stringify(`${folder}/a`)}, ${JSON.stringify(text)});`;
      await Deno.writeTextFile(`${folder}/write.ts`, code);
      // A limit on a file's size is as good as a full disk.
      const limited = `trap '' XFSZ; ulimit -f 20; exec "$0" run -q -A --no-lock "$1"`;
      const { success } = await new Deno.Command("sh", {
        args: ["-c", limited, Deno.execPath(), `${folder}/write.ts`],
      }).output();
      assert.equal(success, false);
      assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["write.ts"]);
    });
  },
);

const MODULE = new URL("../../../cli/init/write_new_file.ts", import.meta.url).href;
