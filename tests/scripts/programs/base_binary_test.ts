import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { compileFailure, findBaseBinary, unverified } from "../../../scripts/programs/base_binary.ts";
import { NOT_RECORDED } from "../../../scripts/outside/manifest.ts";
import { runDeno } from "../../../scripts/programs/run_deno.ts";
import { serveAssets } from "../../fixtures/servers/asset_server.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const X86_64 = 0x3e;
const UNKNOWN = { url: "https://deno.test/denort.zip", version: Deno.version.deno, hash: NOT_RECORDED };
const HASH = createHash("sha256").update("denort").digest("hex");

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
      verified: false,
    });
    assert.deepEqual(await findBaseBinary("arm64", env, UNKNOWN), {
      target: "aarch64-unknown-linux-gnu",
      env: { HOME: "/x" },
      source: "Deno's own download",
      verified: false,
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
  await assert.rejects(findBaseBinary("arm64", { DENORT_MIRROR: `${server.url}/deno/` }, UNKNOWN), {
    message: `Cannot get Deno's base binary for aarch64-unknown-linux-gnu from DENORT_MIRROR ` +
      `(${server.url}/deno/${archive}): it answered 404; set DENORT_BIN to a denort ${Deno.version.deno} of this ` +
      `architecture, or DENORT_MIRROR to a copy of Deno's releases`,
  });
  assert.deepEqual(server.requests, [`/deno/${archive}`]);
});

Deno.test("`findBaseBinary()` takes from a mirror and from Deno's cache what the manifest pins, and nothing else", () =>
  withTemporaryFolder(async (folder) => {
    const archive = `v${Deno.version.deno}/denort-x86_64-unknown-linux-gnu.zip`;
    const name = archive.slice(archive.indexOf("/") + 1);
    const assets = new Map([[name, new TextEncoder().encode("hostile")]]);
    await using server = serveAssets(assets);
    // Where Deno keeps what it downloads is asked of a Deno of its own.
    const cache = Deno.env.get("DENO_DIR");
    Deno.env.set("DENO_DIR", folder);
    try {
      const known = { ...UNKNOWN, url: `${server.url}/own/${name}`, hash: HASH };
      const refusal =
        /its sha256 is [0-9a-f]{64}, and scripts\/outside\.lock\.json has [0-9a-f]{64}; set DENORT_BIN/;
      for (const env of [{ DENORT_MIRROR: server.url }, {}]) {
        await assert.rejects(findBaseBinary("x86_64", env, known), refusal);
      }
      const file = `${folder}/dl/release/${archive}`;
      await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
      assets.set(name, new TextEncoder().encode("denort"));
      assert.equal((await findBaseBinary("x86_64", {}, known)).verified, true);
      assert.equal(await Deno.readTextFile(file), "denort");
      await Deno.writeTextFile(file, "hostile");
      await assert.rejects(findBaseBinary("x86_64", {}, known), refusal);
      await Deno.remove(file);
      const old = { ...known, version: "1.0.0" };
      await assert.rejects(findBaseBinary("x86_64", {}, old), /pins denort 1\.0\.0, and this is Deno/);
      assert.deepEqual(server.requests, [`/${archive}`, `/own/${name}`, `/own/${name}`]);
    } finally {
      if (cache === undefined) Deno.env.delete("DENO_DIR");
      else Deno.env.set("DENO_DIR", cache);
    }
  }));

Deno.test("`unverified()` says what a base binary is not held against", () => {
  const base = { target: "x", env: {}, source: "Deno's own download" };
  assert.equal(unverified("arm64", { ...base, verified: true }), undefined);
  assert.match(
    unverified("arm64", { ...base, verified: false }) ?? "",
    /^the base binary for arm64 comes from Deno's own download and is held against no hash of scripts\/outside/,
  );
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
