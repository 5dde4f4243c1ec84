import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { NOT_RECORDED } from "../../../scripts/outside/manifest.ts";
import { packArchive } from "../../../scripts/release/archive.ts";
import { atlassianRunner } from "../../../scripts/release/atlassian_runner.ts";
import { type AssetServer, serveAssets } from "../../fixtures/servers/asset_server.ts";
import { STAND_IN_RUNNER } from "../../fixtures/programs/little_release.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

interface Place {
  readonly assets: Map<string, Uint8Array>;
  readonly server: AssetServer;
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
    server,
    said,
    get: ({ locked, hash = NOT_RECORDED } = {}) =>
      atlassianRunner({ locked, pinned: { version: "1.2.3", url, hash }, say: (line) => said.push(line) }),
  });
}

Deno.test("`atlassianRunner()` downloads nothing where a hash is recorded: the installer does", () =>
  withDownload(async ({ get, said, server }) => {
    const hash = "0".repeat(64);
    const url = `${server.url}/runner-1.2.3.tar.gz`;
    assert.deepEqual(await get({ locked: true, hash }), { version: "1.2.3", url, sha256: hash });
    assert.deepEqual([said, server.requests], [[], []]);
  }));

Deno.test("`atlassianRunner()` downloads it to learn a hash that is not recorded, and says so", () =>
  withDownload(async ({ assets, get, said, server }) => {
    await assert.rejects(get({ locked: true }), /has no hash of http.*; run «deno task pins» and commit it/);
    assert.deepEqual(server.requests, []);
    const hash = createHash("sha256").update(assets.get("runner-1.2.3.tar.gz") ?? "").digest("hex");
    const url = `${server.url}/runner-1.2.3.tar.gz`;
    assert.deepEqual(await get(), { version: "1.2.3", url, sha256: hash });
    assert.match(
      said.join("\n"),
      new RegExp(`no hash of http.*taken as it is: .*\nDownloading http.*\n.* has the sha256 ${hash}: `),
    );
    assets.set("runner-1.2.3.tar.gz", await packArchive(STAND_IN_RUNNER.slice(1)));
    await assert.rejects(get(), /it has no bin\/start\.sh/);
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
    const runner = await atlassianRunner({ file, say: (line) => said.push(line) });
    assert.match(said.join("\n"), /as it is: its sha256 is not held against scripts/);
    assert.ok("entries" in runner);
    assert.equal(runner.entries.find((entry) => entry.path === "bin/start.sh")?.executable, true);
  }));

Deno.test("`atlassianRunner()` refuses an archive of something else", () =>
  withTemporaryFolder(async (folder) => {
    const file = `${folder}/runner.tgz`;
    await Deno.writeFile(file, await packArchive(STAND_IN_RUNNER.slice(1)));
    await assert.rejects(atlassianRunner({ file, say: () => {} }), /it has no bin\/start\.sh/);
  }));
