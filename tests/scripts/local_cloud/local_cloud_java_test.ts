import assert from "node:assert/strict";
import { javaHome } from "../../../scripts/local_cloud/stand_in/java_shim.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

const CASES = [
  ["Java 17 on the PATH", 'openjdk version "17.0.1"', "machine"],
  ["Java 11 on the PATH", 'openjdk version "11.0.2" 2019-01-15', "machine"],
  ["only Java 8", 'java version "1.8.0_402"', "shim"],
  ["a java that says nothing", "", "shim"],
] as const;

for (const [what, version, expected] of CASES) {
  Deno.test(`\`javaHome()\` with ${what} gives the ${expected}'s`, async () => {
    await withTemporaryFolder(async (folder) => {
      await writeScript(`${folder}/machine/bin/java`, `echo '${version}' >&2`);
      const home = await javaHome(`${folder}/cloud`, { PATH: `${folder}/machine/bin` });
      assert.equal(home, expected === "machine" ? `${folder}/machine` : `${folder}/cloud/java`);
    });
  });
}

Deno.test("Where there is no Java, a stand-in answers `-version` like OpenJDK 17", async () => {
  await withTemporaryFolder(async (folder) => {
    const home = await javaHome(folder, { PATH: `${folder}/nothing` });
    const { stderr } = await new Deno.Command(`${home}/bin/java`, { args: ["-version"] }).output();
    assert.match(new TextDecoder().decode(stderr), /^openjdk version "17\./);
  });
});
