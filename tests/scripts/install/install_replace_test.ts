import assert from "node:assert/strict";
import { VERSION } from "../../../shared/program/version.ts";
import { ARCH, type InstallSite, testInstaller } from "../../fixtures/programs/installer_run.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { findTool } from "../../fixtures/needing.ts";

/** An installation of an older version with a file of its own, beside what a build left there. */
async function installOlder(site: InstallSite): Promise<void> {
  await Deno.mkdir(`${site.dest}/state`, { recursive: true });
  await Deno.writeTextFile(`${site.dest}/state/runner.json`, "{}");
  await Deno.writeTextFile(`${site.dest}/old_file`, "old");
  for (const name of ["codebuild-agent", "pre_build.sh", "build.sh", "post_build.sh"]) {
    await Deno.writeTextFile(`${site.dest}/${name}`, "old", { mode: 0o755 });
  }
  const entries = "build.sh codebuild-agent old_file post_build.sh pre_build.sh";
  const fields = { type: "shell", version: "0.9.0", arch: ARCH, entries };
  await Deno.writeTextFile(`${site.dest}/bundle.json`, `${JSON.stringify(fields, null, 2)}\n`);
}

const REPLACED = [
  "runner/README.md",
  "runner/bin/runner.jar",
  "runner/bin/start.sh",
  "runner/build.sh",
  "runner/bundle.json",
  "runner/codebuild-agent",
  "runner/post_build.sh",
  "runner/pre_build.sh",
  "runner/state/runner.json",
];

testInstaller("replaces an older version and leaves alone what is not its own", async (site) => {
  await installOlder(site);
  const outcome = await site.install();
  assert.equal(outcome.stdout, `Installed: shell runner ${VERSION} (${ARCH}) in ${site.dest}\n`);
  assert.deepEqual(site.installed(), REPLACED);
  assert.match(Deno.readTextFileSync(`${site.dest}/codebuild-agent`), /echo codebuild-agent/);
});

testInstaller("refuses a folder where somebody else's file has a name of the bundle's", async (site) => {
  await Deno.mkdir(`${site.dest}/bin`, { recursive: true });
  await Deno.writeTextFile(`${site.dest}/bin/precious`, "");
  const outcome = await site.install();
  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /runner holds bin, which is not of an installation/);
  assert.deepEqual(site.installed(), ["runner/bin/precious"]);
});

testInstaller("puts the older version back when the new one cannot be moved into place", async (site) => {
  await installOlder(site);
  const before = site.installed();
  await site.stub("mv", `case $1 in */new/post_build.sh) exit 1 ;; esac`, `exec ${findTool("mv")} "$@"`);
  const outcome = await site.install();
  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /cannot replace the files in .*\nhint: they are as they were/);
  assert.deepEqual(site.installed(), before);
  assert.equal(Deno.readTextFileSync(`${site.dest}/build.sh`), "old");
});

testInstaller("finishes a replacement in spite of a signal", async (site) => {
  await installOlder(site);
  const move = `exec ${findTool("mv")} "$@"`;
  await site.stub("mv", "case $1 in */new/post_build.sh) kill -TERM $PPID ;; esac", move);
  assert.equal((await site.install()).code, 0);
  assert.deepEqual(site.installed(), REPLACED);
});

testInstaller("repairs what a power cut left of a replacement", async (site) => {
  await installOlder(site);
  await Deno.remove(`${site.dest}/bundle.json`);
  await Deno.writeTextFile(
    `${site.dest}/.replacing.json`,
    '{"entries": "build.sh codebuild-agent old_file post_build.sh pre_build.sh bundle.json"}\n',
  );
  assert.equal((await site.install()).code, 0);
  assert.deepEqual(site.installed(), REPLACED);
});

for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  testInstaller(`leaves nothing behind when ${signal} comes during a download`, async (site) => {
    site.server.faults.set("/SHA256SUMS", ["hang"]);
    const child = site.start("--dest", `${site.folder}/place/deep/runner`);
    await eventually("a request", () => site.server.requests.length > 0 || undefined);
    child.kill(signal);
    const outcome = await child.output();
    assert.equal(outcome.code, code);
    assert.deepEqual([...Deno.readDirSync(`${site.folder}/place`)], []);
  });
}

testInstaller("runs nothing when its own download was cut", async (site) => {
  const file = `${site.folder}/release/install-shell.sh`;
  const whole = await Deno.readTextFile(file);
  const lines = [...whole.matchAll(/\n(?!$)/g)].map((match) => match.index + 1).filter((_end, at) =>
    at % 25 === 0
  );
  const lastBytes = [...'main "$@"'].map((_letter, at) => whole.trimEnd().length - at - 1);
  for (const end of [...lines, ...lastBytes]) {
    await Deno.writeTextFile(file, whole.slice(0, end));
    await site.install();
    assert.deepEqual(site.server.requests, [], `cut after ${end} of ${whole.length} bytes`);
    assert.deepEqual([...Deno.readDirSync(`${site.folder}/place`)], []);
  }
});

testInstaller("replaces a bundle of the same version that was made from something else", async (site) => {
  assert.equal((await site.install()).code, 0);
  const manifest = `${site.dest}/bundle.json`;
  const text = await Deno.readTextFile(manifest);
  await Deno.writeTextFile(manifest, text.replace(/("archive": ")[0-9a-f]+/, "$10123"));
  assert.notEqual(await Deno.readTextFile(manifest), text);
  const outcome = await site.install();
  assert.equal(outcome.stdout, `Installed: shell runner ${VERSION} (${ARCH}) in ${site.dest}\n`);
  assert.equal(await Deno.readTextFile(manifest), text);
});
