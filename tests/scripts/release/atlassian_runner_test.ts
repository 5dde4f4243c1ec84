import assert from "node:assert/strict";
import { packArchive } from "../../../scripts/release/archive.ts";
import { type AtlassianLock, atlassianRunner } from "../../../scripts/release/atlassian_runner.ts";
import { serveAssets } from "../../fixtures/servers/asset_server.ts";
import { STAND_IN_RUNNER } from "../../fixtures/programs/little_release.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

interface Download {
  readonly assets: Map<string, Uint8Array>;
  readonly lock: (sha256?: string) => Promise<AtlassianLock>;
  readonly get: (options?: { locked?: boolean }) => ReturnType<typeof atlassianRunner>;
  readonly said: string[];
}

/** A lock file that points to a server of ours. */
function withDownload(body: (download: Download) => Promise<void>): Promise<void> {
  return withTemporaryFolder(async (folder) => {
    const assets = new Map([["runner-1.2.3.tar.gz", await packArchive(STAND_IN_RUNNER)]]);
    await using server = serveAssets(assets);
    const lockFile = `${folder}/lock.json`;
    const said: string[] = [];
    const url = `${server.url}/runner-{version}.tar.gz`;
    await Deno.writeTextFile(lockFile, JSON.stringify({ version: "1.2.3", url }));
    await body({
      assets,
      said,
      get: (options = {}) => atlassianRunner({ ...options, lockFile, say: (line) => said.push(line) }),
      lock: async (sha256) => {
        if (sha256 !== undefined) {
          await Deno.writeTextFile(lockFile, JSON.stringify({ version: "1.2.3", url, sha256 }));
        }
        return JSON.parse(await Deno.readTextFile(lockFile));
      },
    });
  });
}

Deno.test("`atlassianRunner()` records the checksum of the first download and holds the next against it", () =>
  withDownload(async ({ assets, get, lock }) => {
    const { version, entries } = await get();
    assert.equal(version, "1.2.3");
    assert.deepEqual(entries.map((entry) => entry.path).sort(), [
      "README.md",
      "bin/runner.jar",
      "bin/start.sh",
    ]);
    assert.match((await lock()).sha256 ?? "", /^[0-9a-f]{64}$/);
    await get({ locked: true });
    assets.set("runner-1.2.3.tar.gz", await packArchive(STAND_IN_RUNNER.slice(0, 2)));
    await assert.rejects(get(), /its sha256 is [0-9a-f]{64}, and .*lock\.json has [0-9a-f]{64}/);
  }));

Deno.test("`atlassianRunner()` does not record a checksum where it must be known", () =>
  withDownload(async ({ get, lock }) => {
    await assert.rejects(get({ locked: true }), /has no sha256; run «deno task release» and commit it/);
    assert.equal((await lock()).sha256, undefined);
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
    assert.match(said.join("\n"), /as it is: its checksum is not held against the lock/);
    assert.equal(entries.find((entry) => entry.path === "bin/start.sh")?.executable, true);
  }));

Deno.test("`atlassianRunner()` refuses an archive of something else", () =>
  withTemporaryFolder(async (folder) => {
    const file = `${folder}/runner.tgz`;
    await Deno.writeFile(file, await packArchive(STAND_IN_RUNNER.slice(1)));
    await assert.rejects(atlassianRunner({ file, say: () => {} }), /it has no bin\/start\.sh/);
  }));
