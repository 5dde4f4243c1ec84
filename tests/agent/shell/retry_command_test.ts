import assert from "node:assert/strict";
import { provideRetry } from "../../../agent/shell/retry_command.ts";
import { withTemporaryFolder, writeScript } from "../../fixtures/temporary_folder.ts";

/** Runs a line of shell with `retry` on the PATH, and a `flaky` that fails with 7 until its nth try. */
async function run(folder: string, line: string, succeedsAt: number) {
  const tools = await provideRetry(folder, "/nowhere");
  assert.equal(tools, `${folder}/tools`);
  const tries = `${folder}/tries`;
  await writeScript(
    `${folder}/bin/flaky`,
    `echo "$*/$GIT_LFS_SKIP_SMUDGE" >> ${tries}`,
    `[ "$(grep -c . ${tries})" -ge ${succeedsAt} ] || exit 7`,
    "echo done",
  );
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-c", line],
    env: { PATH: `${folder}/bin:${Deno.env.get("PATH") ?? ""}:${tools}` },
    stderr: "null",
  }).output();
  return {
    code,
    stdout: new TextDecoder().decode(stdout),
    tries: (await Deno.readTextFile(tries)).split("\n"),
  };
}

const CASES = [
  { line: "GIT_LFS_SKIP_SMUDGE=1 retry 6 flaky clone 'a b'", at: 1, code: 0, tries: 1, stdout: "done\n" },
  { line: "GIT_LFS_SKIP_SMUDGE=1 retry 6 flaky clone 'a b'", at: 2, code: 0, tries: 2, stdout: "done\n" },
  { line: "GIT_LFS_SKIP_SMUDGE=1 retry 2 flaky clone 'a b'", at: 9, code: 7, tries: 2, stdout: "" },
];

for (const { line, at, code, tries, stdout } of CASES) {
  Deno.test(`\`retry\` of a command that succeeds at try ${at} ends with ${code} after ${tries}`, async () => {
    await withTemporaryFolder(async (folder) => {
      const result = await run(folder, line, at);
      assert.deepEqual(result, { code, stdout, tries: [...Array(tries).fill("clone a b/1"), ""] });
    });
  });
}

Deno.test("`provideRetry()` leaves an image that has a `retry` of its own alone", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeScript(`${folder}/bin/retry`, "true");
    assert.equal(await provideRetry(folder, `/nowhere:${folder}/bin`), undefined);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["bin"]);
  });
});

Deno.test("`provideRetry()` says where it could not write", async () => {
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/tools`, "");
    await assert.rejects(provideRetry(folder, undefined), {
      name: "RunnerError",
      message: new RegExp(`^Cannot write ${folder}/tools/retry: `),
      hint: /RUNNER_HOME/,
    });
  });
});
