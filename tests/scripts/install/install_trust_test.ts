import assert from "node:assert/strict";
import { VERSION } from "../../../shared/program/version.ts";
import { ARCH, BUNDLE, type InstallSite, testInstaller } from "../../fixtures/programs/installer_run.ts";
import { serveAssets } from "../../fixtures/servers/asset_server.ts";
import { serveTls } from "../../fixtures/servers/tls_server.ts";

const OTHER = "2.0.1";

/** The bundle with something in it that its release does not have. */
function meddledBundle(site: InstallSite, version = VERSION): Promise<Uint8Array> {
  return site.changedBundle((entry) => {
    if (entry.path === "build.sh") {
      return { ...entry, content: new TextEncoder().encode("#!/bin/sh\necho hostile\n") };
    }
    const text = new TextDecoder().decode(entry.content);
    if (entry.path !== "bundle.json") return entry;
    return { ...entry, content: new TextEncoder().encode(text.replace(VERSION, version)) };
  });
}

function listedSum(site: InstallSite): string {
  const sums = new TextDecoder().decode(site.assets.get("SHA256SUMS"));
  return new RegExp(`^(\\S+)  ${BUNDLE}$`, "m").exec(sums)?.[1] ?? assert.fail("It is not listed");
}

testInstaller(
  "refuses a mirror's archive that fits the mirror's SHA256SUMS, and names both hashes",
  async (site) => {
    const own = listedSum(site);
    const hostile = site.mirrorBundle(await meddledBundle(site));
    const { code, stdout, stderr } = await site.install();
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.ok(
      stderr.includes(`SHA256SUMS lists ${BUNDLE} with the sha256 ${hostile}, not ${own}\nhint: `),
      stderr,
    );
    assert.deepEqual(site.installed(), []);
    assert.deepEqual(site.server.requests, ["/SHA256SUMS"]);
  },
);

testInstaller("refuses a mirror's archive under the release's own SHA256SUMS", async (site) => {
  const sums = site.assets.get("SHA256SUMS") ?? new Uint8Array();
  site.mirrorBundle(await meddledBundle(site));
  site.assets.set("SHA256SUMS", sums);
  const { code, stderr } = await site.install();
  assert.equal(code, 1);
  assert.match(stderr, /the checksum of http.*tar\.gz is [0-9a-f]{64}, not [0-9a-f]{64}/);
  assert.deepEqual(site.installed(), []);
});

testInstaller("does not take for installed what came of another archive of its version", async (site) => {
  const own = site.assets.get(BUNDLE) ?? new Uint8Array();
  await site.replaceBundle(await meddledBundle(site));
  assert.match((await site.install()).stdout, /^Installed/);
  assert.match((await site.install()).stdout, /^Already installed/);
  await site.replaceBundle(own);
  assert.match((await site.install()).stdout, /^Installed/);
  assert.doesNotMatch(await Deno.readTextFile(`${site.dest}/build.sh`), /hostile/);
  assert.equal(JSON.parse(await Deno.readTextFile(`${site.dest}/bundle.json`)).archive, listedSum(site));
});

testInstaller("says that SHA256SUMS counts for another version than its own", async (site) => {
  site.mirrorBundle(await meddledBundle(site, OTHER));
  const { code, stdout, stderr } = await site.install("--version", OTHER);
  assert.deepEqual([code, stdout], [0, `Installed: shell runner ${OTHER} (${ARCH}) in ${site.dest}\n`]);
  assert.equal(
    stderr,
    `No sha256 of ${OTHER} is known here, so that of ${site.server.url}/SHA256SUMS counts: --sha256 names one\n`,
  );
});

testInstaller("holds another version against --sha256, also when one is installed", async (site) => {
  const sum = site.mirrorBundle(await meddledBundle(site, OTHER));
  const wrong = "0".repeat(64);
  const refused = await site.install("--version", OTHER, "--sha256", wrong);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, new RegExp(`with the sha256 ${sum}, not ${wrong}`));
  const taken = await site.install("--version", OTHER, `--sha256=${sum}`);
  assert.deepEqual([taken.code, taken.stderr], [0, ""]);
  assert.match((await site.install("--version", OTHER, `--sha256=${sum}`)).stdout, /^Already installed/);
  assert.equal((await site.install("--version", OTHER, "--sha256", wrong)).code, 1);
});

testInstaller("refuses a --sha256 that is none, or not that of its own version", async (site) => {
  for (const hash of ["x", "0".repeat(63), "G".repeat(64), "0".repeat(64)]) {
    const { code, stderr } = await site.install("--sha256", hash);
    assert.equal(code, 2);
    assert.match(stderr, /--sha256 (takes 64 digits|is 0{64}, but this installer knows [0-9a-f]{64})/);
  }
  assert.deepEqual(site.server.requests, []);
});

const REFUSED = [
  "http://mirror.test",
  "http://127.0.0.1.mirror.test",
  "http://127.0.0.1@mirror.test",
  "http://localhost.mirror.test",
  "http://10.0.0.1",
  "http://[::2]",
  "http://user:password@127.0.0.1",
  "https://user:password@mirror.test",
  "https://mirror.test\\@127.0.0.1",
  "ftp://127.0.0.1",
  "file:///tmp",
  "mirror.test",
  "127.0.0.1",
  "https://",
  "https://a b",
];
testInstaller("takes https URLs without passwords, and http for this machine alone", async (site) => {
  // A curl that is asked nothing would be a curl that is not held.
  await site.stub("curl", `printf '%s\\n' "$*" >>${site.folder}/calls`, "exit 3");
  for (const url of REFUSED) {
    const { code, stderr } = await site.install("--base-url", url);
    assert.equal(code, 2, url);
    assert.match(stderr, /^error: --base-url takes (a|an https) URL.*\nhint: --help shows the options\n$/);
    assert.doesNotMatch(stderr, /password@/);
    assert.equal((await site.installWith({ RUNNER_RELEASE_URL: url })).code, 2, url);
  }
  await assert.rejects(Deno.stat(`${site.folder}/calls`), Deno.errors.NotFound);
  for (
    const url of [
      "https://mirror.test/v1",
      "HTTPS://mirror.test",
      "http://localhost:1",
      "http://127.9.9.9",
      "http://[::1]:80/x",
    ]
  ) {
    assert.equal((await site.install("--base-url", url)).code, 1, url);
  }
  const calls = (await Deno.readTextFile(`${site.folder}/calls`)).trim().split("\n");
  assert.deepEqual(calls.map((call) => /--proto (\S+) --proto-redir =https --tlsv1\.2/.exec(call)?.[1]), [
    "=https",
    "=https",
    "=http,https",
    "=http,https",
    "=http,https",
  ]);
});

testInstaller("follows no redirect off https, not even on this machine", async (site) => {
  await using other = serveAssets(site.assets);
  site.server.faults.set("/SHA256SUMS", [{ location: `${other.url}/SHA256SUMS` }]);
  const { code, stderr } = await site.install();
  assert.equal(code, 1);
  assert.match(stderr, /SHA256SUMS leads to an address that is not https\nhint: check --base-url/);
  assert.deepEqual([site.server.requests.length, other.requests, site.installed()], [1, [], []]);
});

testInstaller("installs over https, follows redirects there, and none that leads off it", async (site) => {
  const place = `https://127.0.0.1:`;
  const redirects = new Map<string, string>();
  await using server = await serveTls(site.folder, site.assets, redirects);
  assert.ok(server.url.startsWith(place));
  site.env["CURL_CA_BUNDLE"] = server.certificate;
  redirects.set(`/v1/${BUNDLE}`, `${server.url}/elsewhere/${BUNDLE}`);
  redirects.set("/v2/SHA256SUMS", `${site.server.url}/SHA256SUMS`);
  const refused = await site.install("--base-url", `${server.url}/v2`);
  assert.match(refused.stderr, /leads to an address that is not https/);
  const { code, stderr } = await site.install("--base-url", `${server.url}/v1`);
  assert.equal(code, 0, stderr);
  assert.deepEqual(server.requests, [
    "/v2/SHA256SUMS",
    "/v1/SHA256SUMS",
    `/v1/${BUNDLE}`,
    `/elsewhere/${BUNDLE}`,
  ]);
  assert.deepEqual(site.server.requests, []);
}, ["openssl"]);

testInstaller("says what it was given in one line that a terminal shows as it is", async (site) => {
  const forged = "x\nerror: forged\x1b[2J\r";
  for (
    const args of [[forged], ["--version", forged], ["--sha256", forged], ["--base-url", forged], [
      "--dest",
      forged,
    ]]
  ) {
    const { stderr } = await site.install(...args);
    assert.match(stderr, /^error: .*x\?error: forged\?\[2J\?.*\nhint: .*\n$/, JSON.stringify(stderr));
  }
});
