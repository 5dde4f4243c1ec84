import assert from "node:assert/strict";
import { packArchive } from "../../../scripts/release/archive.ts";
import {
  archiveOfAnother,
  archiveWith,
  HARMLESS,
  HOSTILE,
  HOSTILE_BESIDE_BUNDLE,
} from "../../fixtures/hostile_archive.ts";
import { BUNDLE, type InstallSite, testInstaller } from "../../fixtures/programs/installer_run.ts";
import { STAND_IN_RUNNER } from "../../fixtures/programs/little_release.ts";
import { runnerArchive, serveRunner } from "../../fixtures/servers/runner_maker.ts";

const SOMEBODY = 12_345;

function bundleOf(site: InstallSite): Uint8Array {
  return site.assets.get(BUNDLE) ?? new Uint8Array();
}

for (const [what, members, expected] of HOSTILE) {
  testInstaller(`refuses an archive with ${what}, and unpacks nothing of it`, async (site) => {
    await site.ownTools();
    await site.stub(
      "tar",
      `case $1 in -x*) touch ${site.folder}/unpacked ;; esac`,
      `exec ${site.tool("tar")} "$@"`,
    );
    await site.replaceBundle(await archiveWith(bundleOf(site), members));
    const { code, stdout, stderr } = await site.install();
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, expected);
    assert.match(stderr, /^error: Cannot install: .*runner-shell.* is not to be unpacked: .+\nhint: .+\n$/);
    assert.deepEqual(site.installed(), []);
    await assert.rejects(Deno.lstat(`${site.folder}/unpacked`), Deno.errors.NotFound);
  });
}

for (const [what, members, expected] of [...HOSTILE, ...HOSTILE_BESIDE_BUNDLE]) {
  testInstaller(`refuses a runner's archive with ${what}, and unpacks nothing of it`, async (site) => {
    await site.ownTools();
    const unpacked = `${site.folder}/unpacked`;
    await site.stub(
      "tar",
      `case $1 in -x*) echo x >>${unpacked} ;; esac`,
      `exec ${site.tool("tar")} "$@"`,
    );
    await using maker = await serveRunner(site, await archiveWith(await runnerArchive(), members));
    const { code, stdout, stderr } = await site.install();
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, expected);
    const refused = `^error: Cannot install: .*${maker.name} is not to be unpacked: .+\nhint: .+\n$`;
    assert.match(stderr, new RegExp(refused, "m"));
    assert.deepEqual(site.installed(), []);
    assert.equal(await Deno.readTextFile(unpacked), "x\n", "the bundle alone");
  });
}

testInstaller("refuses a runner's archive that is none, or lacks what starts it", async (site) => {
  const cases = [
    [new TextEncoder().encode("<html>sign in</html>"), /cannot unpack atlassian-runner/],
    [await packArchive(STAND_IN_RUNNER.slice(1)), /atlassian-runner.* lacks bin\/start\.sh\nhint: /],
    [await packArchive(STAND_IN_RUNNER.slice(0, 1)), /atlassian-runner.* lacks bin\/runner\.jar\nhint: /],
  ] as const;
  for (const [archive, expected] of cases) {
    await using _maker = await serveRunner(site, archive);
    const { code, stderr } = await site.install();
    assert.equal(code, 1);
    assert.match(stderr, expected);
    assert.deepEqual(site.installed(), []);
  }
});

testInstaller("keeps links that stay in the runner's archive, and gives nothing of it away", async (site) => {
  await site.ownTools();
  const plain = await packArchive(STAND_IN_RUNNER.map((entry) => ({ ...entry, executable: false })));
  const archive = await archiveWith(await archiveOfAnother(plain, SOMEBODY), HARMLESS);
  await using _maker = await serveRunner(site, archive);
  const { code, stderr } = await site.install();
  assert.equal(code, 0, stderr);
  for (const { name, linkname } of HARMLESS) {
    assert.equal(await Deno.readLink(`${site.dest}/${name}`), linkname);
  }
  for (
    const [path, expected] of [["bin", 0o755], ["bin/start.sh", 0o755], ["bin/runner.jar", 0o644]] as const
  ) {
    const { uid, mode } = Deno.statSync(`${site.dest}/${path}`);
    assert.deepEqual([path, uid, (mode ?? 0) & 0o7777], [path, Deno.uid(), expected]);
  }
  assert.match((await site.install()).stdout, /^Already installed/);
});

testInstaller("keeps links that stay in the archive", async (site) => {
  await site.ownTools();
  await site.replaceBundle(await archiveWith(bundleOf(site), HARMLESS));
  const { code, stderr } = await site.install();
  assert.equal(code, 0, stderr);
  for (const { name, linkname } of HARMLESS) {
    assert.equal(await Deno.readLink(`${site.dest}/${name}`), linkname);
  }
});

testInstaller("gives nobody's files and bits away: they are the installer's, 755 and 644", async (site) => {
  await site.ownTools();
  await site.replaceBundle(await archiveOfAnother(bundleOf(site), SOMEBODY));
  assert.equal((await site.install()).code, 0);
  const modes = site.installed().concat("runner", "runner/bin").map((path) => {
    const { uid, mode } = Deno.statSync(`${site.folder}/place/${path}`);
    assert.equal(uid, Deno.uid(), path);
    return `${((mode ?? 0) & 0o7777).toString(8)} ${path}`;
  });
  assert.deepEqual(modes, [
    "644 runner/README.md",
    "644 runner/bin/runner.jar",
    "755 runner/bin/start.sh",
    "755 runner/build.sh",
    "644 runner/bundle.json",
    "755 runner/codebuild-agent",
    "755 runner/post_build.sh",
    "755 runner/pre_build.sh",
    "755 runner",
    "755 runner/bin",
  ]);
});

testInstaller("refuses a bundle whose list of names leads elsewhere", async (site) => {
  for (const names of ["../elsewhere", "bin/../..", "..", "*", "a;b"]) {
    await site.changeBundle((entry) => {
      if (entry.path !== "bundle.json") return entry;
      const { type, version, arch } = JSON.parse(new TextDecoder().decode(entry.content));
      const manifest = JSON.stringify({ type, version, arch, entries: names }, null, 2);
      return { ...entry, content: new TextEncoder().encode(`${manifest}\n`) };
    });
    const { code, stderr } = await site.install();
    assert.equal(code, 1);
    assert.match(stderr, /lists names that are not those of an installation/);
    assert.deepEqual(site.installed(), []);
  }
});
