import assert from "node:assert/strict";
import {
  AS_ANOTHER_USER,
  BUNDLE,
  type InstallSite,
  testInstaller,
} from "../../fixtures/programs/installer_run.ts";
import { findTool } from "../../fixtures/needing.ts";

async function assertRefused(site: InstallSite, expected: RegExp, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await site.install(...args);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, expected);
  assert.match(stderr, /^error: Cannot install: .+\nhint: .+\n$/m);
  assert.deepEqual(site.installed(), []);
  assert.deepEqual([...Deno.readDirSync(`${site.folder}/place`)], []);
}

testInstaller("refuses a bundle that was tampered with", async (site) => {
  site.assets.set(
    BUNDLE,
    (site.assets.get(BUNDLE) ?? new Uint8Array()).map((byte, at) => at === 99 ? byte ^ 1 : byte),
  );
  await assertRefused(site, /the checksum of http.*tar\.gz is [0-9a-f]{64}, not [0-9a-f]{64}/);
});

testInstaller("refuses a bundle that SHA256SUMS does not list", async (site) => {
  site.assets.set("SHA256SUMS", new TextEncoder().encode("0000  another.tar.gz\n"));
  await assertRefused(site, new RegExp(`SHA256SUMS does not list ${BUNDLE}`));
});

testInstaller("refuses a bundle of another version, with the right checksum", async (site) => {
  await site.changeBundle((entry) =>
    entry.path === "bundle.json"
      ? {
        ...entry,
        content: new TextEncoder().encode('{"type": "shell",\n"version": "9.9.9",\n"arch": "x86_64"}\n'),
      }
      : entry
  );
  await assertRefused(site, /holds shell 9\.9\.9 \(x86_64\), not shell 1\.0\.0/);
});

testInstaller("refuses a bundle that says nothing of itself", async (site) => {
  await site.changeBundle((entry) => entry.path === "bundle.json" ? undefined : entry);
  await assertRefused(site, /not shell 1\.0\.0/);
});

testInstaller("refuses a bundle without a phase script", async (site) => {
  await site.changeBundle((entry) => entry.path === "post_build.sh" ? undefined : entry);
  await assertRefused(site, /lacks post_build\.sh/);
});

testInstaller("refuses a bundle that is not an archive, with the right checksum", async (site) => {
  await site.replaceBundle(new TextEncoder().encode("<html>sign in</html>"));
  await assertRefused(site, /cannot unpack runner-shell/);
});

testInstaller("gives up at once on a 404, naming the address and the version", async (site) => {
  site.assets.delete("SHA256SUMS");
  await assertRefused(
    site,
    /SHA256SUMS answered 404\nhint: is there a release 7\.0\.0\?/,
    "--version",
    "7.0.0",
  );
  assert.equal(site.server.requests.length, 1);
});

for (const fault of ["drop", "cut", 503, 429] as const) {
  testInstaller(`outlasts two answers of the kind «${fault}»`, async (site) => {
    site.server.faults.set(`/${BUNDLE}`, [fault, fault]);
    const outcome = await site.install();
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stderr, /^Attempt 1\/5: .+; retrying in 1 s\nAttempt 2\/5: .+; retrying in 2 s\n$/);
    assert.equal(site.server.requests.length, 4);
  });
}

testInstaller("outlasts a curl that fails twice", async (site) => {
  const curl = findTool("curl");
  await site.stub(
    "curl",
    `echo x >> ${site.folder}/calls`,
    `[ $(wc -l < ${site.folder}/calls) -gt 2 ] || exit 7`,
    `exec ${curl} "$@"`,
  );
  assert.equal((await site.install()).code, 0);
});

testInstaller("gives up after five tries of a download that is always cut", async (site) => {
  site.server.faults.set(`/${BUNDLE}`, Array(9).fill("cut"));
  await assertRefused(site, /cannot download http.* \(5 tries\)\n/);
  assert.equal(site.server.requests.length, 6);
});

testInstaller("gives up after five tries where nobody listens", async (site) => {
  await assertRefused(
    site,
    /\(5 tries\)\nhint: check the network, the proxy/,
    "--base-url",
    "http://127.0.0.1:9",
  );
});

const SYSTEMS: readonly (readonly [string, string, string, RegExp])[] = [
  [
    "an unknown architecture",
    "uname",
    "case $1 in -m) echo riscv64 ;; *) echo Linux ;; esac",
    /riscv64 is not supported/,
  ],
  [
    "another system",
    "uname",
    "case $1 in -m) echo x86_64 ;; *) echo Darwin ;; esac",
    /this system is Darwin/,
  ],
  ["musl", "ldd", 'printf "musl libc (x86_64)\\nVersion 1.2.4\\n" >&2; exit 1', /C library is musl/],
  ["a glibc that is too old", "ldd", 'echo "ldd (GNU libc) 2.26"', /glibc 2\.26 is too old/],
];
for (const [what, tool, line, expected] of SYSTEMS) {
  testInstaller(`refuses ${what} before it asks for anything`, async (site) => {
    await site.stub(tool, line);
    await assertRefused(site, expected);
    assert.deepEqual(site.server.requests, []);
  });
}

testInstaller("does not take a system for musl where ldd is missing or says something else", async (site) => {
  await site.stub("ldd", "exit 127");
  assert.equal((await site.install()).code, 0);
});

for (const tool of ["curl", "tar", "gzip", "sha256sum"]) {
  testInstaller(`names a missing tool: ${tool}`, async (site) => {
    await site.hideTool(tool);
    await assertRefused(
      site,
      new RegExp(`${tool} is missing\\nhint: install .*${tool === "sha256sum" ? "coreutils" : tool}`),
    );
  });
}

testInstaller("refuses a destination below something that is not a folder", async (site) => {
  await Deno.writeTextFile(`${site.folder}/file`, "");
  await assertRefused(
    site,
    /cannot make the folder .*\/file\n/,
    "--dest",
    `${site.folder}/file/deep/runner`,
  );
  await assertRefused(site, /file is not a folder/, "--dest", `${site.folder}/file`);
});

testInstaller("refuses a destination that it may not write to", async (site) => {
  const place = `${site.folder}/place`;
  await Deno.chmod(site.folder, 0o755);
  if (Deno.uid() === 0) site.runAs("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
  else await Deno.chmod(place, 0o555);
  await assertRefused(site, /cannot write to .*place\nhint: choose a folder of yours with --dest/);
  assert.deepEqual(site.server.requests, []);
  await Deno.chmod(place, 0o755);
}, AS_ANOTHER_USER);
