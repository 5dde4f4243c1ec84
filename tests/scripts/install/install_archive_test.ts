import assert from "node:assert/strict";
import { archiveOfAnother, archiveWith, HARMLESS, HOSTILE } from "../../fixtures/hostile_archive.ts";
import { BUNDLE, type InstallSite, testInstaller } from "../../fixtures/programs/installer_run.ts";

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
