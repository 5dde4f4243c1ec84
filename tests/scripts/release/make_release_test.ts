import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { unpackArchive } from "../../../scripts/release/archive.ts";
import { makeRelease } from "../../../scripts/release/make_release.ts";
import { VERSION } from "../../../shared/program/version.ts";
import { makeLittleRelease } from "../../fixtures/programs/little_release.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const ASSETS = [
  "LICENSE",
  "SHA256SUMS",
  "THIRD-PARTY-NOTICES.txt",
  "codebuild-agent-arm64",
  "codebuild-agent-x86_64",
  "install-docker.sh",
  "install-shell.sh",
  "runner-docker-arm64.tar.gz",
  "runner-docker-x86_64.tar.gz",
  "runner-shell-arm64.tar.gz",
  "runner-shell-x86_64.tar.gz",
  "sbom.cdx.json",
  "start-runner-arm64",
  "start-runner-x86_64",
];
const COMMON = ["build.sh", "bundle.json", "codebuild-agent", "post_build.sh", "pre_build.sh"];

Deno.test("`makeRelease()` makes every asset, and SHA256SUMS of all others", () =>
  withTemporaryFolder(async (folder) => {
    const assets = await makeLittleRelease(folder);
    assert.deepEqual([...assets.keys()].sort(), ASSETS);
    const files = [...Deno.readDirSync(`${folder}/release`)].map((entry) => entry.name).sort();
    assert.deepEqual(files, ASSETS);
    const sums = new TextDecoder().decode(assets.get("SHA256SUMS")).trim().split("\n");
    assert.deepEqual(
      sums,
      ASSETS.filter((name) => name !== "SHA256SUMS").map((name) => `${sha256(assets.get(name))}  ${name}`),
    );
  }));

Deno.test("`makeRelease()` puts into a bundle what its type needs", () =>
  withTemporaryFolder(async (folder) => {
    const assets = await makeLittleRelease(folder);
    const cases = [
      ["docker", "arm64", COMMON],
      ["shell", "x86_64", ["README.md", "bin/runner.jar", "bin/start.sh", ...COMMON]],
    ] as const;
    for (const [type, arch, paths] of cases) {
      const entries = await unpackArchive(assets.get(`runner-${type}-${arch}.tar.gz`) ?? new Uint8Array());
      assert.deepEqual(entries.map((entry) => entry.path), paths);
      const manifest = entries.find((entry) => entry.path === "bundle.json")?.content;
      const { entries: names, ...fields } = JSON.parse(new TextDecoder().decode(manifest));
      const runner = type === "shell" ? { runnerVersion: "5.6.0" } : {};
      assert.deepEqual(fields, { type, version: VERSION, arch, ...runner });
      assert.deepEqual(
        names.split(" "),
        [...new Set(paths.map((path) => path.split("/")[0]))].filter((name) => name !== "bundle.json"),
      );
    }
  }));

Deno.test("`makeRelease()` has start-runner know its installers, and these their archives", () =>
  withTemporaryFolder(async (folder) => {
    const assets = await makeLittleRelease(folder);
    for (const type of ["shell", "docker"]) {
      const installer = assets.get(`install-${type}.sh`);
      for (const arch of ["x86_64", "arm64"]) {
        const archive = sha256(assets.get(`runner-${type}-${arch}.tar.gz`));
        assert.match(new TextDecoder().decode(installer), new RegExp(`\\bsha256_${arch}="${archive}"`));
        const program = new TextDecoder().decode(assets.get(`start-runner-${arch}`));
        assert.ok(program.includes(`install-${type}.sh=${sha256(installer)}`), program);
      }
    }
  }));

Deno.test("`makeRelease()` makes no start-runner that cannot know its installers", () =>
  withTemporaryFolder(async (folder) => {
    const program = () => Promise.resolve(new TextEncoder().encode("#!/bin/sh\n"));
    const only = ["install-docker.sh", "start-runner-arm64"];
    await assert.rejects(
      makeRelease({ out: folder, program, only, say: () => {} }),
      /Cannot tell start-runner the sha256 of install-docker\.sh: it has 0 places for it/,
    );
  }));

Deno.test("`makeRelease()` pins installers to the version and type", () =>
  withTemporaryFolder(async (folder) => {
    const assets = await makeLittleRelease(folder);
    for (const type of ["shell", "docker"]) {
      const text = new TextDecoder().decode(assets.get(`install-${type}.sh`));
      assert.match(text, new RegExp(`^bundle_type="${type}"\nversion="${VERSION}"$`, "m"));
      assert.doesNotMatch(text, /@[A-Z_]+@|latest/);
      assert.ok(text.endsWith('\nmain "$@"\n'));
    }
  }));

Deno.test("`makeRelease()` makes only what it is asked for, and names what there is otherwise", () =>
  withTemporaryFolder(async (folder) => {
    const options = { out: folder, program: () => Promise.resolve(new Uint8Array()), say: () => {} };
    const assets = await makeRelease({ ...options, only: ["install-shell.sh"] });
    assert.deepEqual(assets.map((asset) => asset.name), ["install-shell.sh", "SHA256SUMS"]);
    await assert.rejects(
      makeRelease({ ...options, only: ["install.sh"] }),
      /Cannot make install\.sh: the assets are LICENSE, .*start-runner-x86_64$/,
    );
  }));

function sha256(content: Uint8Array | undefined): string {
  return createHash("sha256").update(content ?? new Uint8Array()).digest("hex");
}
