import assert from "node:assert/strict";
import { VERSION } from "../../../shared/program/version.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { findTool } from "../../fixtures/needing.ts";
import { ARCH, BUNDLE, type InstallSite, testInstaller } from "../../fixtures/programs/installer_run.ts";
import { runnerArchive, type RunnerMaker, serveRunner } from "../../fixtures/servers/runner_maker.ts";
import { serveTls } from "../../fixtures/servers/tls_server.ts";

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
const INSTALLED = (site: InstallSite) => `Installed: shell runner ${VERSION} (${ARCH}) in ${site.dest}\n`;
const EXTRA = { path: "extra/file", content: new TextEncoder().encode("extra"), executable: false };

/** Has the installer take the site's server for the address that releases have of themselves. */
async function publish(site: InstallSite): Promise<void> {
  const file = `${site.folder}/release/install-shell.sh`;
  const text = await Deno.readTextFile(file);
  const own = text.replace(/^releases=".*"$/m, `releases="${site.server.url}"`);
  assert.notEqual(own, text);
  await Deno.writeTextFile(file, own);
  site.env["RUNNER_RELEASE_URL"] = "";
}

testInstaller("downloads the runner from its maker where the release has none, by its hash", async (site) => {
  await publish(site);
  await using maker = await serveRunner(site, await runnerArchive());
  assert.deepEqual(await site.install(), { code: 0, stdout: INSTALLED(site), stderr: "" });
  assert.deepEqual(site.installed(), WHOLE);
  assert.deepEqual(maker.requests, [`/software/${maker.name}`]);
  assert.deepEqual(site.server.requests, [`/v${VERSION}/SHA256SUMS`, `/v${VERSION}/${BUNDLE}`]);
  const modes = ["bin", "bin/start.sh", "bin/runner.jar", "README.md", "bundle.json"].map((path) =>
    ((Deno.statSync(`${site.dest}/${path}`).mode ?? 0) & 0o7777).toString(8)
  );
  assert.deepEqual(modes, ["755", "755", "644", "644", "644"]);
  const { entries } = JSON.parse(await Deno.readTextFile(`${site.dest}/bundle.json`));
  assert.deepEqual(
    entries.split(" ").sort(),
    ["README.md", "bin", "build.sh", "codebuild-agent", "post_build.sh", "pre_build.sh"],
  );
});

testInstaller("takes the runner from a mirror that has it, and else from its maker", async (site) => {
  await using maker = await serveRunner(site, await runnerArchive());
  site.assets.set(maker.name, maker.archive);
  assert.deepEqual(await site.install(), { code: 0, stdout: INSTALLED(site), stderr: "" });
  assert.deepEqual(site.server.requests, ["/SHA256SUMS", `/${BUNDLE}`, `/${maker.name}`]);
  assert.deepEqual(maker.requests, []);
  site.assets.delete(maker.name);
  for (const status of [404, 403]) {
    await Deno.remove(site.dest, { recursive: true });
    site.server.faults.set(`/${maker.name}`, [status]);
    const { code, stderr } = await site.install();
    assert.deepEqual([code, site.installed()], [0, WHOLE], stderr);
    const mirrored = `${site.server.url}/${maker.name}`;
    assert.equal(
      stderr,
      `${mirrored} answered ${status}, so ${maker.url}/software/${maker.name} is tried\n`,
    );
  }
  assert.equal(maker.requests.length, 2);
});

testInstaller("takes the runner from the release where its maker has it no more", async (site) => {
  await publish(site);
  await using maker = await serveRunner(site, await runnerArchive());
  maker.assets.clear();
  site.assets.set(maker.name, maker.archive);
  assert.equal((await site.install()).code, 0);
  assert.deepEqual(site.installed(), WHOLE);
});

testInstaller(
  "downloads nothing when bundle and runner are there, and repairs what lacks one",
  async (site) => {
    await using maker = await serveRunner(site, await runnerArchive());
    await site.install();
    const repaired = ["bin/runner.jar", "bin/start.sh", "bin"];
    for (const lost of [undefined, ...repaired]) {
      if (lost !== undefined) await Deno.remove(`${site.dest}/${lost}`, { recursive: true });
      maker.requests.length = 0;
      const { code, stdout } = await site.install();
      assert.equal(code, 0);
      assert.match(stdout, lost === undefined ? /^Already installed/ : /^Installed/, lost);
      assert.deepEqual([site.installed(), maker.requests.length], [WHOLE, lost === undefined ? 0 : 1]);
    }
  },
);

testInstaller("replaces an older runner as a whole, also by a bundle that holds one", async (site) => {
  const held = site.assets.get(BUNDLE) ?? new Uint8Array();
  await using older = await serveRunner(site, await runnerArchive(EXTRA));
  await site.install();
  assert.deepEqual(site.installed().filter((path) => !WHOLE.includes(path)), ["runner/extra/file"]);
  await using newer = await serveRunner(site, await runnerArchive());
  assert.equal((await site.install()).stdout, INSTALLED(site));
  assert.deepEqual([site.installed(), older.requests.length, newer.requests.length], [WHOLE, 1, 1]);
  await site.replaceBundle(held);
  assert.equal((await site.install()).stdout, INSTALLED(site));
  assert.deepEqual(site.installed(), WHOLE);
});

for (const fault of ["drop", "cut", 503] as const) {
  testInstaller(`outlasts two answers of the kind «${fault}» from the runner's maker`, async (site) => {
    await using maker = await serveRunner(site, await runnerArchive());
    maker.faults.set(`/software/${maker.name}`, [fault, fault]);
    const { code, stderr } = await site.install();
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /\nAttempt 1\/5: .*; retrying in 1 s\nAttempt 2\/5: .*software.*; retrying in 2 s\n$/,
    );
  });
}

/** What may go wrong with the runner, and what is said of it; `HASH` stands for a sha256. */
const FAILURES: readonly (readonly [string, (site: InstallSite, maker: RunnerMaker) => unknown, string])[] = [
  ["is another one", (_site, { assets, name }) => {
    assets.set(name, new TextEncoder().encode("another"));
  }, "the checksum of MAKER is HASH, not HASH\nhint: the download was damaged, or it is another NAME"],
  [
    "is another one in the mirror",
    (site, { name }) => site.assets.set(name, new TextEncoder().encode("another")),
    "the checksum of MIRROR is HASH, not HASH\nhint: the download was damaged, or it is another NAME",
  ],
  [
    "is nowhere",
    (_site, { assets }) => assets.clear(),
    "MAKER answered 404\nhint: MIRROR answered 404 before; .* may hold NAME too",
  ],
  ["is refused", (_site, maker) => {
    maker.faults.set(`/software/${maker.name}`, [403]);
  }, "MAKER answered 403\nhint: .* may hold NAME too"],
  [
    "is always cut",
    (_site, maker) => {
      maker.faults.set(`/software/${maker.name}`, Array(9).fill("cut"));
    },
    "cannot download MAKER: .* \\(5 tries\\)\nhint: MIRROR answered 404 before; check the network, the proxy and the disk; .*NAME too",
  ],
  ["leads off https", (_site, maker) => {
    maker.faults.set(`/software/${maker.name}`, [{ location: `${maker.url}/elsewhere` }]);
  }, "MAKER leads to an address that is not https\nhint: "],
  ["does not fit on the disk", (site) =>
    site.stub(
      "curl",
      "for last; do :; done",
      'case $last in */atlassian-*) echo "curl: (23) Failure writing" >&2; exit 23 ;; esac',
      `exec ${findTool("curl")} "$@"`,
    ), "cannot download MIRROR: curl: \\(23\\) Failure writing\nhint: check .* the disk"],
];
for (const [what, spoil, expected] of FAILURES) {
  testInstaller(`leaves an earlier installation as it was where the runner ${what}`, async (site) => {
    assert.equal((await site.install()).code, 0);
    const before = await contents(site);
    await using maker = await serveRunner(site, await runnerArchive(EXTRA));
    await spoil(site, maker);
    const { code, stdout, stderr } = await site.install();
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    const pattern = expected.replaceAll("HASH", "[0-9a-f]{64}").replaceAll("NAME", maker.name)
      .replaceAll("MAKER", `${maker.url}/software/${maker.name}`)
      .replaceAll("MIRROR", `${site.server.url}/${maker.name}`);
    assert.match(stderr, new RegExp(`^error: Cannot install: ${pattern}`, "m"));
    assert.deepEqual(await contents(site), before);
    assert.deepEqual([...Deno.readDirSync(`${site.folder}/place`)].map(({ name }) => name), ["runner"]);
  });
}

const ADDRESSES = [
  "http://mirror.test/runner.tar.gz",
  "http://127.0.0.1@mirror.test/runner.tar.gz",
  "http://127.0.0.1.mirror.test/runner.tar.gz",
  "https://user:password@mirror.test/runner.tar.gz",
  "https://mirror.test/",
  "https://mirror.test",
  "https://mirror.test/a b",
  "https://mirror.test/a{1,2}",
  "ftp://mirror.test/runner.tar.gz",
  "file:///etc/passwd",
  "-K/etc/passwd",
  "--config",
  "",
];
testInstaller("asks no address for the runner but by https, or on this machine", async (site) => {
  await site.stub(
    "curl",
    `printf '%s\\n' "$*" >>${site.folder}/calls`,
    'case "$*" in *mirror.test*) exit 1 ;; esac',
    `exec ${findTool("curl")} "$@"`,
  );
  for (const url of ADDRESSES) {
    await using _maker = await serveRunner(site, await runnerArchive(), { url });
    const { code, stderr } = await site.install();
    assert.equal(code, 1, url);
    const expected = /(does not say where Atlassian's runner is|an address that is not https)\nhint: .+\n$/;
    assert.match(stderr, expected, url);
  }
  const calls = (await Deno.readTextFile(`${site.folder}/calls`)).trim().split("\n");
  const asked = calls.filter((call) => !call.endsWith("/SHA256SUMS") && !call.endsWith(BUNDLE));
  assert.deepEqual(
    asked.map((call) => /--proto (\S+) --proto-redir =https --tlsv1\.2 .* (\S+)$/.exec(call)?.slice(1)),
    ADDRESSES.slice(0, 3).filter((url) => !url.includes("@")).flatMap((url) => [
      ["=http,https", `${site.server.url}/runner.tar.gz`],
      ["=https", url],
    ]),
  );
});

testInstaller("downloads the runner over https", async (site) => {
  const served = new Map<string, Uint8Array>();
  await using server = await serveTls(site.folder, served);
  site.env["CURL_CA_BUNDLE"] = server.certificate;
  const archive = await runnerArchive();
  await using maker = await serveRunner(site, archive, { url: `${server.url}/software/runner.tar.gz` });
  served.set("runner.tar.gz", archive);
  const { code, stderr } = await site.install();
  assert.equal(code, 0, stderr);
  assert.deepEqual([server.requests, maker.requests], [["/software/runner.tar.gz"], []]);
}, ["openssl"]);

for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
  testInstaller(`leaves nothing behind when ${signal} comes while the runner is downloaded`, async (site) => {
    await using maker = await serveRunner(site, await runnerArchive());
    maker.faults.set(`/software/${maker.name}`, ["hang"]);
    const child = site.start("--dest", `${site.folder}/place/deep/runner`);
    await eventually("a request", () => maker.requests.length > 0 || undefined);
    child.kill(signal);
    assert.equal((await child.output()).code, code);
    assert.deepEqual([...Deno.readDirSync(`${site.folder}/place`)], []);
  });
}

/** What every file of the installation holds. */
async function contents(site: InstallSite): Promise<string[]> {
  return await Promise.all(
    site.installed().map(async (path) =>
      `${path}: ${await Deno.readTextFile(`${site.folder}/place/${path}`)}`
    ),
  );
}
