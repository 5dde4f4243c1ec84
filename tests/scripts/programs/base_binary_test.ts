import assert from "node:assert/strict";
import { compileFailure, findBaseBinary } from "../../../scripts/programs/base_binary.ts";
import { runDeno } from "../../../scripts/programs/run_deno.ts";
import { serveAssets } from "../../fixtures/servers/asset_server.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const X86_64 = 0x3e;

async function elfFile(folder: string, machine: number): Promise<string> {
  const bytes = new Uint8Array(64);
  bytes.set([0x7f, ...new TextEncoder().encode("ELF")]);
  bytes[18] = machine;
  await Deno.writeFile(`${folder}/denort`, bytes);
  return `${folder}/denort`;
}

Deno.test("`findBaseBinary()` takes DENORT_BIN for its own architecture only", () =>
  withTemporaryFolder(async (folder) => {
    const env = { DENORT_BIN: await elfFile(folder, X86_64), HOME: "/x" };
    assert.deepEqual(await findBaseBinary("x86_64", env), {
      target: "x86_64-unknown-linux-gnu",
      env,
      source: `DENORT_BIN (${env.DENORT_BIN})`,
    });
    assert.deepEqual(await findBaseBinary("arm64", env), {
      target: "aarch64-unknown-linux-gnu",
      env: { HOME: "/x" },
      source: "Deno's own download",
    });
  }));

Deno.test("`findBaseBinary()` refuses a DENORT_BIN that is not there or no executable", () =>
  withTemporaryFolder(async (folder) => {
    const file = `${folder}/denort`;
    await assert.rejects(
      findBaseBinary("arm64", { DENORT_BIN: file }),
      /DENORT_BIN: .*denort cannot be read/,
    );
    await Deno.writeTextFile(file, "#!/bin/sh");
    await assert.rejects(
      findBaseBinary("arm64", { DENORT_BIN: file }),
      /denort is not an executable for Linux/,
    );
  }));

Deno.test("`findBaseBinary()` says in one sentence what a mirror lacks and what else would do", async () => {
  await using server = serveAssets(new Map());
  const archive = `v${Deno.version.deno}/denort-aarch64-unknown-linux-gnu.zip`;
  await assert.rejects(findBaseBinary("arm64", { DENORT_MIRROR: `${server.url}/deno/` }), {
    message: `Cannot get Deno's base binary for aarch64-unknown-linux-gnu from DENORT_MIRROR ` +
      `(${server.url}/deno/${archive}): it answered 404; set DENORT_BIN to a denort ${Deno.version.deno} of this ` +
      `architecture, or DENORT_MIRROR to a copy of Deno's releases`,
  });
  assert.deepEqual(server.requests, [`/deno/${archive}`]);
});

const FAILURES: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    "a download that fails",
    [
      "Caused by:",
      "    0: Setting up base binary.",
      "    1: error sending request for url (https://x): dns error",
    ],
    /^Cannot get Deno's base binary for x86_64-unknown-linux-gnu from SOURCE: error sending request for url \(https:\/\/x\)/,
  ],
  [
    "a file that is no base binary",
    ["Caused by:", "    0: Writing binary bytes", "    1: Invalid object: Not an ELF file"],
    /^Cannot get Deno's base binary .*: 1: Invalid object: Not an ELF file; set DENORT_BIN/,
  ],
  [
    "anything else",
    ["error: No space left on device (os error 28)"],
    /^Cannot compile start-runner for [^]*No space left/,
  ],
];

for (const [what, lines, expected] of FAILURES) {
  Deno.test(`\`compileFailure()\` says what \`deno compile\` failed at: ${what}`, () => {
    const cause = new Error(
      ["Cannot run «deno compile»: error: Writing deno compile executable", ...lines].join("\n"),
    );
    const failure = compileFailure("start-runner", { arch: "x86_64", source: "SOURCE", cause });
    assert.match(failure.message, expected);
    assert.equal(failure.cause, cause);
  });
}

for (const [file, reason] of [["denort", "Invalid object"], ["nowhere", "No such file"]] as const) {
  Deno.test(`\`compileFailure()\` knows Deno's words for a base binary of no use: ${reason}`, () =>
    withTemporaryFolder(async (folder) => {
      await elfFile(folder, X86_64);
      await Deno.writeTextFile(`${folder}/a.ts`, "");
      const args = ["compile", "-q", "--no-check", "--no-config", "-o", `${folder}/a`, `${folder}/a.ts`];
      const compiled = runDeno(args, { ...Deno.env.toObject(), DENORT_BIN: `${folder}/${file}` });
      const cause = await compiled.then(() => assert.fail("It has compiled"), (error) => error);
      const { message } = compileFailure("start-runner", { arch: "x86_64", source: "DENORT_BIN", cause });
      assert.match(message, new RegExp(`^Cannot get Deno's base binary .*from DENORT_BIN: .*${reason}`));
    }));
}
