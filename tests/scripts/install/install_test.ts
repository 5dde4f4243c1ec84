import assert from "node:assert/strict";
import { VERSION } from "../../../shared/program/version.ts";
import { ARCH, AS_ANOTHER_USER, BUNDLE, testInstaller } from "../../fixtures/programs/installer_run.ts";

const WHOLE = [
  "runner/README.md",
  "runner/bin/runner.jar",
  "runner/bin/start.sh",
  "runner/build.sh",
  "runner/bundle.json",
  "runner/codebuild-agent",
  "runner/post_build.sh",
  "runner/pre_build.sh",
];

testInstaller("installs the bundle after checking it", async (site) => {
  assert.deepEqual(await site.install(), {
    code: 0,
    stdout: `Installed: shell runner ${VERSION} (${ARCH}) in ${site.dest}\n`,
    stderr: "",
  });
  assert.deepEqual(site.installed(), WHOLE);
  assert.deepEqual(site.server.requests, ["/SHA256SUMS", `/${BUNDLE}`]);
  assert.equal(modeOf(`${site.dest}/pre_build.sh`), 0o755);
  assert.equal(modeOf(site.dest), 0o755);
});

testInstaller("installs from a pipe", async (site) => {
  assert.deepEqual(await site.installFromPipe(), {
    code: 0,
    stdout: `Installed: shell runner ${VERSION} (${ARCH}) in ${site.dest}\n`,
    stderr: "",
  });
  assert.deepEqual(site.installed(), WHOLE);
});

testInstaller("downloads nothing when the same version is installed", async (site) => {
  await site.install();
  site.server.requests.length = 0;
  assert.deepEqual(await site.install(), {
    code: 0,
    stdout: `Already installed: shell runner ${VERSION} (${ARCH}) in ${site.dest}\n`,
    stderr: "",
  });
  assert.deepEqual(site.server.requests, []);
});

testInstaller("repairs an installation that lacks a file", async (site) => {
  await site.install();
  await Deno.remove(`${site.dest}/build.sh`);
  assert.equal((await site.install()).code, 0);
  assert.deepEqual(site.installed(), WHOLE);
});

testInstaller("installs into a folder that exists, whose name has a space", async (site) => {
  const dest = `${site.folder}/place/a b`;
  await Deno.mkdir(dest);
  assert.equal((await site.install("--dest", dest)).code, 0);
  assert.deepEqual(site.installed(), WHOLE.map((path) => path.replace("runner/", "a b/")));
});

testInstaller("makes the folders above the one it installs into, also from a relative path", async (site) => {
  assert.equal((await site.install("--dest", "place/deep/er//")).code, 0);
  assert.deepEqual(site.installed(), WHOLE.map((path) => path.replace("runner/", "deep/er/")));
});

testInstaller("takes a mirror from --base-url rather than from RUNNER_RELEASE_URL", async (site) => {
  assert.equal((await site.install(`--base-url=${site.server.url}/mirror/`)).code, 0);
  assert.deepEqual(site.server.requests, ["/mirror/SHA256SUMS", `/mirror/${BUNDLE}`]);
});

testInstaller("downloads through a proxy", async (site) => {
  site.env["http_proxy"] = site.server.url;
  assert.equal((await site.install("--base-url", "http://127.0.0.1:9/1")).code, 0);
  assert.deepEqual(site.server.requests, [
    "http://127.0.0.1:9/1/SHA256SUMS",
    `http://127.0.0.1:9/1/${BUNDLE}`,
  ]);
});

testInstaller("installs another version where --version names it", async (site) => {
  await site.changeBundle((entry) => {
    const text = new TextDecoder().decode(entry.content).replace(VERSION, "2.0.1");
    return entry.path === "bundle.json" ? { ...entry, content: new TextEncoder().encode(text) } : entry;
  });
  const outcome = await site.install("--version", "v2.0.1");
  assert.equal(outcome.stdout, `Installed: shell runner 2.0.1 (${ARCH}) in ${site.dest}\n`);
});

testInstaller("installs as a user without rights into a folder of theirs", async (site) => {
  const nobody = 65534;
  const root = Deno.uid() === 0;
  if (root) {
    await Deno.chmod(site.folder, 0o755);
    await Deno.chown(`${site.folder}/place`, nobody, nobody);
    site.runAs("setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups");
  }
  assert.equal((await site.install()).code, 0);
  assert.deepEqual(site.installed(), WHOLE);
  if (root) assert.equal(Deno.statSync(`${site.dest}/codebuild-agent`).uid, nobody);
}, AS_ANOTHER_USER);

testInstaller("shows its options, and how to uninstall, with --help", async (site) => {
  const { code, stdout, stderr } = await site.install("--help");
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  for (const text of ["--dest DIR", "--version X", "--base-url URL", VERSION, "Uninstall: rm -rf DIR"]) {
    assert.ok(stdout.includes(text), `${text} in ${stdout}`);
  }
  assert.doesNotMatch(stdout, /@[A-Z_]+@|latest/);
});

testInstaller("refuses what it does not know", async (site) => {
  for (
    const args of [["--destination", "/x"], ["--dest"], ["--version", "1; rm"], ["--dest", "/"], [
      "--sha256",
      "x",
    ], ["x"]]
  ) {
    const outcome = await site.install(...args);
    assert.equal(outcome.code, 2, args.join(" "));
    assert.match(outcome.stderr, /^error: .*\nhint: --help shows the options\n$/);
  }
  assert.deepEqual(site.server.requests, []);
});

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}
