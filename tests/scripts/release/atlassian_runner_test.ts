import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { NOT_RECORDED } from "../../../scripts/outside/manifest.ts";
import { packArchive } from "../../../scripts/release/archive.ts";
import { atlassianRunner } from "../../../scripts/release/atlassian_runner.ts";
import { serveAssets } from "../../fixtures/servers/asset_server.ts";
import { STAND_IN_RUNNER } from "../../fixtures/programs/little_release.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

interface Place {
  readonly assets: Map<string, Uint8Array>;
  readonly get: (options?: { locked?: boolean; hash?: string }) => ReturnType<typeof atlassianRunner>;
  readonly said: string[];
}

/** A server of ours in Atlassian's place. */
async function withDownload(body: (place: Place) => Promise<void>): Promise<void> {
  const assets = new Map([["runner-1.2.3.tar.gz", await packArchive(STAND_IN_RUNNER)]]);
  await using server = serveAssets(assets);
  const said: string[] = [];
  const url = `${server.url}/runner-{version}.tar.gz`;
  await body({
    assets,
    said,
    get: ({ locked, hash = NOT_RECORDED } = {}) =>
      atlassianRunner({ locked, pinned: { version: "1.2.3", url, hash }, say: (line) => said.push(line) }),
  });
}

Deno.test("`atlassianRunner()` holds the download against the hash that is recorded", () =>
  withDownload(async ({ assets, get, said }) => {
    const hash = createHash("sha256").update(assets.get("runner-1.2.3.tar.gz") ?? "").digest("hex");
    const { version, entries } = await get({ locked: true, hash });
    assert.equal(version, "1.2.3");
    assert.deepEqual(entries.map((entry) => entry.path).sort(), [
      "README.md",
      "bin/runner.jar",
      "bin/start.sh",
    ]);
    assert.equal(said.length, 1);
    assets.set("runner-1.2.3.tar.gz", await packArchive(STAND_IN_RUNNER.slice(0, 2)));
    await assert.rejects(get({ hash }), /its sha256 is [0-9a-f]{64}, and .*lock\.json has [0-9a-f]{64}/);
  }));

Deno.test("`atlassianRunner()` says that no hash is recorded, and goes without where it may", () =>
  withDownload(async ({ get, said }) => {
    await assert.rejects(get({ locked: true }), /has no hash of http.*; run «deno task pins» and commit it/);
    await get();
    assert.match(
      said[0] ?? "",
      /has no hash of http.*, so it is taken as it is: «deno task pins» records one/,
    );
  }));

Deno.test("`atlassianRunner()` names the address that does not have the version", () =>
  withDownload(async ({ assets, get }) => {
    assets.clear();
    await assert.rejects(get(), /Cannot download http:.*runner-1\.2\.3\.tar\.gz: it answered 404/);
  }));

Deno.test("`atlassianRunner()` takes a file as it is, and says so", () =>
  withTemporaryFolder(async (folder) => {
    const file = `${folder}/runner.tgz`;
    const plain = STAND_IN_RUNNER.map((entry) => ({ ...entry, executable: false }));
    await Deno.writeFile(file, await packArchive(plain));
    const said: string[] = [];
    const { entries } = await atlassianRunner({ file, say: (line) => said.push(line) });
    assert.match(said.join("\n"), /as it is: its sha256 is not held against scripts/);
    assert.equal(entries.find((entry) => entry.path === "bin/start.sh")?.executable, true);
  }));

Deno.test("`atlassianRunner()` refuses an archive of something else", () =>
  withTemporaryFolder(async (folder) => {
    const file = `${folder}/runner.tgz`;
    await Deno.writeFile(file, await packArchive(STAND_IN_RUNNER.slice(1)));
    await assert.rejects(atlassianRunner({ file, say: () => {} }), /it has no bin\/start\.sh/);
  }));
