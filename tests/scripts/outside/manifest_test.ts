import assert from "node:assert/strict";
import {
  addressOf,
  type Image,
  imageReference,
  isRecorded,
  NOT_RECORDED,
  pinnedDownload,
  readManifest,
  verifyDownload,
  withImage,
} from "../../../scripts/outside/manifest.ts";
import { sourceText } from "../../fixtures/source_text.ts";

const DIGEST = `sha256:${"a1".repeat(32)}`;
const IMAGE: Image = { image: "registry.test/base", version: "1.2", hash: NOT_RECORDED, usedIn: [] };
const MANIFEST = await readManifest();

Deno.test("the manifest's hashes are of their kind, or not recorded yet", () => {
  for (const [name, outside] of Object.entries(MANIFEST)) {
    const kind = "npm" in outside
      ? /^sha512-[\w+/]{86}==$/
      : "image" in outside
      ? /^sha256:[0-9a-f]{64}$/
      : /^[0-9a-f]{64}$/;
    if (isRecorded(outside)) assert.match(outside.hash, kind, name);
  }
});

Deno.test("the manifest names the Deno that README names, and its base binaries", async () => {
  const [, version] = /npx -y deno@([\d.]+) task/.exec(await sourceText(["README.md"])) ?? [];
  const ofDeno = Object.entries(MANIFEST).filter(([name]) => name.startsWith("deno"));
  assert.equal(ofDeno.length, 5);
  for (const [name, outside] of ofDeno) assert.equal(outside.version, version, name);
  const base = await pinnedDownload("denort-arm64");
  assert.equal(
    addressOf(base),
    `https://dl.deno.land/release/v${version}/denort-aarch64-unknown-linux-gnu.zip`,
  );
});

Deno.test("the manifest's images are named where they are used, and no others", async () => {
  for (const [name, outside] of Object.entries(MANIFEST)) {
    if (!("image" in outside)) continue;
    for (const path of outside.usedIn) {
      const text = await sourceText([path]);
      assert.ok(text.includes(imageReference(outside)), `${name} in ${path}`);
      assert.equal(withImage(text, outside), text, `${name} in ${path}`);
    }
  }
  const dockerfiles = await sourceText(["scripts/docker/Dockerfile", "scripts/docker/prebaked.Dockerfile"]);
  const bases = [...dockerfiles.matchAll(/\bBASE=(\S+)/g)].map(([, base]) => base);
  const known = Object.values(MANIFEST).flatMap((outside) =>
    "image" in outside ? [imageReference(outside)] : []
  );
  assert.deepEqual(bases.filter((base) => !known.includes(base ?? "")), []);
});

Deno.test("`pinnedDownload()` refuses a name that is no download", async () => {
  for (const name of ["deno", "nothing"]) await assert.rejects(pinnedDownload(name), /has no such download/);
});

Deno.test("`verifyDownload()` passes what is pinned, and what is not recorded yet", () => {
  const abc = new TextEncoder().encode("abc");
  const pinned = { url: "https://x.test", version: "1", hash: NOT_RECORDED };
  verifyDownload(abc, pinned, "x");
  verifyDownload(
    abc,
    { ...pinned, hash: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    "x",
  );
  assert.throws(
    () => verifyDownload(abc, { ...pinned, hash: "0".repeat(64) }, "x"),
    /^Error: Cannot use x: its sha256 is ba7816.*, and scripts\/outside\.lock\.json has 0{64}$/,
  );
});

Deno.test("`withImage()` names an image by its digest, once it is recorded, and leaves others alone", () => {
  const text =
    "ARG BASE=registry.test/base:1.2\nFROM other/registry.test/base:1.2 registry.test/base:1.2.3\n";
  assert.equal(withImage(text, IMAGE), text);
  const pinned =
    `ARG BASE=registry.test/base:1.2@${DIGEST}\nFROM other/registry.test/base:1.2 registry.test/base:1.2.3\n`;
  assert.equal(withImage(text, { ...IMAGE, hash: DIGEST }), pinned);
  assert.equal(withImage(pinned, { ...IMAGE, hash: DIGEST }), pinned);
  assert.equal(withImage(pinned, IMAGE), text);
});
