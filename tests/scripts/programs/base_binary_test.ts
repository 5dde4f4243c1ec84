import assert from "node:assert/strict";
import { findBaseBinary, noBaseBinary } from "../../../scripts/programs/base_binary.ts";
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

Deno.test("`noBaseBinary()` takes what matters out of Deno's messages", () => {
  const cause = new Error(
    "Cannot run «deno compile»: error: Writing deno compile executable to temporary file\n\nCaused by:\n" +
      "    0: Setting up base binary.\n    1: error sending request for url (https://dl.example/x.zip): dns error\n",
  );
  assert.match(
    noBaseBinary("x86_64", "Deno's own download", cause).message,
    /download: error sending request for url/,
  );
});
