import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { savedImage } from "../../../scripts/publish/rehearsal/sample_images.ts";
import { parseFault } from "../../../scripts/publish/rehearsal/fault_words.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const CHECKOUT = new URL("../../../", import.meta.url).pathname;

async function publish(env: Record<string, string>, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "scripts/publish.ts", ...args],
    cwd: CHECKOUT,
    env: { GITHUB_REPOSITORY: "Acme/Runner", GITHUB_REF_NAME: "v1.0.0", GITHUB_SHA: "1f".repeat(20), ...env },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function makeFolders(folder: string): Promise<string[]> {
  const [assets, images] = [`${folder}/assets`, `${folder}/images`];
  await Deno.mkdir(assets);
  await Deno.mkdir(images);
  await Deno.writeTextFile(`${assets}/one`, "one");
  const sum = createHash("sha256").update("one").digest("hex");
  await Deno.writeTextFile(`${assets}/SHA256SUMS`, `${sum}  one\n`);
  for (const [arch, name] of [["x86_64", "amd64"], ["arm64", "arm64"]] as const) {
    for (const type of ["shell", "docker"]) {
      await Deno.writeFile(`${images}/${type}-${arch}.tar.gz`, await savedImage(name, type));
    }
  }
  return ["--assets", assets, "--images", images];
}

Deno.test("`deno task publish --digests` knows what the images' names will lead to, the same each time", () =>
  withTemporaryFolder(async (folder) => {
    const args = await makeFolders(folder);
    const first = await publish({}, ...args, "--digests");
    assert.equal(first.code, 0, first.stderr);
    assert.match(
      first.stdout,
      /^ghcr\.io\/acme\/runner-shell=sha256:[0-9a-f]{64}\nghcr\.io\/acme\/runner-docker=sha256:[0-9a-f]{64}\n$/,
    );
    assert.equal((await publish({}, ...args, "--digests")).stdout, first.stdout);
  }));

Deno.test("`deno task publish` ends with 1 where GitHub refuses it, and never shows the token", () =>
  withTemporaryFolder(async (folder) => {
    await using github = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => Response.json({ message: "Bad credentials" }, { status: 401 }),
    );
    const api = `http://127.0.0.1:${github.addr.port}`;
    const args = await makeFolders(folder);
    const { code, stdout, stderr } = await publish(
      { GITHUB_TOKEN: "secret-of-the-workflow" },
      ...args,
      "--api",
      api,
    );
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: Cannot GET http:\/\/127\S+\/repos\/Acme\/Runner\/git\/ref\/tags\/v1\.0\.0: it answered 401 .*Bad credentials/,
    );
    assert.ok(!`${stdout}${stderr}`.includes("secret-of-the-workflow"));
  }));

Deno.test("`parseFault()` reads faults as they are written, and says what there is", () => {
  assert.deepEqual(parseFault("UploadAsset=502"), { call: "UploadAsset", kind: "502", times: 1 });
  assert.deepEqual(parseFault("PutBlob=reset-after:lasting"), {
    call: "PutBlob",
    kind: "reset after",
    times: Infinity,
  });
  assert.throws(() => parseFault("Upload=502"), /with a call of GetTag, .* and a kind of 429, /);
});
