import assert from "node:assert/strict";
import { javaHome } from "../../../../scripts/local_cloud/stand_in/java_shim.ts";
import { withTemporaryFolder, writeScript } from "../../../fixtures/temporary_folder.ts";

const CASES = [
  ["Java 17 on the PATH", 'openjdk version "17.0.1"', "the machine"],
  ["Java 11 on the PATH", 'openjdk version "11.0.2" 2019-01-15', "the machine"],
  ["only Java 8", 'java version "1.8.0_402"', "nobody"],
  ["a java that says nothing", "", "nobody"],
] as const;

for (const [what, version, expected] of CASES) {
  Deno.test(`The local cloud's Java, with ${what}, leaves other classes to ${expected}`, async () => {
    await withTemporaryFolder(async (folder) => {
      await writeScript(`${folder}/machine/bin/java`, `echo "real $*"; echo '${version}' >&2`);
      const home = await javaHome(`${folder}/cloud`, { PATH: `${folder}/machine/bin` });
      const { code, stdout } = await java(home, ["-cp", "a b", "Main"]);
      assert.deepEqual([code, stdout], expected === "the machine" ? [0, "real -cp a b Main\n"] : [1, ""]);
    });
  });
}

for (
  const [how, args, input] of [["plainly", ["-version"], ""], [
    "by a file",
    ["@/dev/stdin"],
    '"-version"\n',
  ]] as const
) {
  Deno.test(`The local cloud's Java answers \`-version\` like OpenJDK 17, asked ${how}`, async () => {
    await withTemporaryFolder(async (folder) => {
      const home = await javaHome(folder, { PATH: `${folder}/nothing` });
      const { code, stderr } = await java(home, args, input);
      assert.equal(code, 0);
      assert.match(stderr, /^openjdk version "17\./);
    });
  });
}

Deno.test("The local cloud's Java runs the stand-in runner with the properties in a file, or among its arguments", async () => {
  await withTemporaryFolder(async (folder) => {
    const home = await javaHome(folder, { PATH: `${folder}/nothing` });
    const property = "-Dbitbucket.pipelines.runner.account.uuid={a}";
    const answers = [
      await java(home, ["@/dev/stdin"], `"-jar" "${property}" "./runner.jar"`),
      await java(home, ["-jar", property, "./runner.jar"]),
    ];
    for (const { stderr } of answers) assert.match(stderr, /Cannot start runner: RUNNER_UUID is missing/);
  });
});

async function java(home: string, args: readonly string[], input = "") {
  const child = new Deno.Command(`${home}/bin/java`, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
