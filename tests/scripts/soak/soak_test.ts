import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needing } from "../../fixtures/needing.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const SOAK = fileURLToPath(new URL("../../../scripts/soak.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../../deno.json", import.meta.url));

Deno.test({
  ...needing(["curl", "tar", "gzip", "sha256sum"], "A short soak keeps all promises and says what it did"),
  fn: async () => {
    await withTemporaryFolder(async (temporary) => {
      const { code, stdout } = await soak(["--rounds", "3", "--seed", "4711", "--parallel", "3"], temporary);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /^Seed: 4711$/m);
      assert.match(stdout, /^Rounds: 3, with \d+ pipelines, \d+ builds and \d+ steps on runners$/m);
      assert.match(stdout, /^Nothing was left over, no step was lost, every pipeline had its right result$/m);
      assert.deepEqual([...Deno.readDirSync(temporary)].map(({ name }) => name), []);
    });
  },
});

Deno.test("A soak refuses numbers that are none", async () => {
  await withTemporaryFolder(async (temporary) => {
    const { code, stderr } = await soak(["--seconds", "soon"], temporary);
    assert.equal(code, 1);
    assert.match(stderr, /'--seconds <number>' argument 'soon' is invalid\. It must be a whole number\./);
  });
});

async function soak(args: readonly string[], temporary: string) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "--config", CONFIG, SOAK, ...args],
    env: { TMPDIR: temporary, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}
