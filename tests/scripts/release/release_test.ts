import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { VERSION } from "../../../shared/program/version.ts";
import { MANIFEST, type Manifest, NOT_RECORDED } from "../../../scripts/outside/manifest.ts";
import { packArchive, unpackArchive } from "../../../scripts/release/archive.ts";
import { STAND_IN_RUNNER } from "../../fixtures/programs/little_release.ts";
import { findTool, needing } from "../../fixtures/needing.ts";
import { serveAssets } from "../../fixtures/servers/asset_server.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

const CHECKOUT = new URL("../../../", import.meta.url).pathname;
const SOURCES = ["agent", "cli", "shared", "scripts"];

async function deno(checkout: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: checkout })
    .output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

function readFolder(folder: string): Map<string, string> {
  return new Map(
    [...Deno.readDirSync(folder)].map(({ name }) => [name, Deno.readFileSync(`${folder}/${name}`).toHex()]),
  );
}

/** Runs a program with nothing in its environment, in another folder. */
async function run(program: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(program, { args, clearEnv: true, cwd: "/", stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("`deno task release --from-source` twice, at other times and into other folders, gives the same bytes", () =>
  withTemporaryFolder(async (folder) => {
    const checkout = `${folder}/checkout`;
    await copyCheckout(checkout);
    const runner = `${folder}/runner.tar.gz`;
    await Deno.writeFile(runner, await packArchive(STAND_IN_RUNNER));
    const release = ["task", "-q", "release", "--from-source", "--atlassian-runner", runner, "--out"];
    const printed = await deno(checkout, ...release, `${folder}/one`);
    const first = readFolder(`${folder}/one`);
    for (const name of first.keys()) assert.ok(printed.includes(name), `the size of ${name} is shown`);
    for (const file of listFiles(checkout)) await Deno.utime(file, 1_234_567_890, 1_234_567_890);
    await deno(checkout, ...release, `${folder}/two/deeper`);
    assert.deepEqual(readFolder(`${folder}/two/deeper`), first);
    for (const program of ["start-runner", "codebuild-agent"]) {
      assert.equal(
        await run(`${folder}/one/${program}-x86_64`, "--version"),
        `${program} ${VERSION} (from source)\n`,
      );
    }
    for (const type of ["shell", "docker"]) await assertKnowsInstaller(`${folder}/one`, "x86_64", type);
  }));

Deno.test("`deno task release` puts no runner into its bundles, but where it is and what it hashes to", () =>
  withTemporaryFolder(async (folder) => {
    const checkout = `${folder}/checkout`;
    await copyCheckout(checkout);
    const archive = await packArchive(STAND_IN_RUNNER);
    await using server = serveAssets(new Map([["runner-5.6.0.tar.gz", archive]]));
    const sum = createHash("sha256").update(archive).digest("hex");
    const url = `${server.url}/runner-5.6.0.tar.gz`;
    for (const [hash, requests] of [["0".repeat(64), 0], [NOT_RECORDED, 1]] as const) {
      await pinRunner(checkout, { url: `${server.url}/runner-{version}.tar.gz`, hash });
      const only = ["--only", "runner-shell-arm64.tar.gz"];
      await deno(checkout, "task", "-q", "release", "--from-source", "--out", `${folder}/out`, ...only);
      const entries = await unpackArchive(await Deno.readFile(`${folder}/out/runner-shell-arm64.tar.gz`));
      const own = ["build.sh", "codebuild-agent", "post_build.sh", "pre_build.sh"];
      assert.deepEqual(entries.map(({ path }) => path).filter((path) => path !== "bundle.json"), own);
      const text = new TextDecoder().decode(entries.find(({ path }) => path === "bundle.json")?.content);
      const { entries: names, runnerVersion, runnerUrl, runnerSha256 } = JSON.parse(text);
      assert.equal(names, own.join(" "));
      assert.deepEqual([runnerVersion, runnerUrl], ["5.6.0", url]);
      assert.equal(runnerSha256, hash === NOT_RECORDED ? sum : hash);
      assert.equal(server.requests.length, requests);
    }
  }));

Deno.test({
  ...needing(
    ["git"],
    "`deno task release --bundled` makes single files that run alone and know their commit",
  ),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const checkout = `${folder}/checkout`;
      await copyCheckout(checkout);
      const commit = await commitAll(checkout);
      await deno(
        checkout,
        "task",
        "-q",
        "release",
        "--bundled",
        "--out",
        `${folder}/out`,
        "--only",
        [
          "start-runner-arm64",
          "codebuild-agent-arm64",
          "runner-docker-arm64.tar.gz",
          "install-docker.sh",
        ].join(),
      );
      await assertKnowsInstaller(`${folder}/out`, "arm64", "docker");
      for (const program of ["start-runner", "codebuild-agent"]) {
        const alone = `${folder}/out/${program}-arm64`;
        assert.equal(await run(alone, "--version"), `${program} ${VERSION} (${commit})\n`);
      }
    }),
});

/** A release's start-runner checks in the build what the release's installer hashes to. */
async function assertKnowsInstaller(release: string, arch: string, type: string): Promise<void> {
  const installer = await Deno.readFile(`${release}/install-${type}.sh`);
  const hash = createHash("sha256").update(installer).digest("hex");
  const text = await run(`${release}/start-runner-${arch}`, "buildspec", "--runner-type", type);
  assert.ok(text.includes(`[ "$actual" != ${hash} ]`), text);
  assert.doesNotMatch(text, /unchecked/);
}

/** Has a checkout pin Atlassian's runner to something else. */
async function pinRunner(
  checkout: string,
  pin: { readonly url: string; readonly hash: string },
): Promise<void> {
  const file = `${checkout}/${MANIFEST}`;
  const manifest: Manifest = JSON.parse(await Deno.readTextFile(file));
  const runner = { ...manifest["atlassian-runner"], version: "5.6.0", ...pin };
  await Deno.writeTextFile(file, JSON.stringify({ ...manifest, "atlassian-runner": runner }));
}

/** The sources that a release is made of, as a checkout of their own. */
async function copyCheckout(target: string): Promise<void> {
  await Deno.mkdir(target);
  for (const name of ["deno.json", "deno.lock", "LICENSE"]) {
    await Deno.copyFile(`${CHECKOUT}${name}`, `${target}/${name}`);
  }
  for (const room of SOURCES) {
    for (const file of listFiles(`${CHECKOUT}${room}`)) {
      const copy = `${target}/${file.slice(CHECKOUT.length)}`;
      await Deno.mkdir(copy.slice(0, copy.lastIndexOf("/")), { recursive: true });
      await Deno.copyFile(file, copy);
    }
  }
}

/** Makes a repository with one commit, and returns the commit as the programs show it. */
async function commitAll(checkout: string): Promise<string> {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  for (const args of [["init", "-q"], ["add", "."], [...identity, "commit", "-q", "-m", "all"]]) {
    await git(checkout, ...args);
  }
  return await git(checkout, "rev-parse", "--short=12", "HEAD");
}

async function git(checkout: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(findTool("git") ?? "git", { args: ["-C", checkout, ...args] });
  const { success, stdout, stderr } = await command.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

function listFiles(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    return isDirectory ? listFiles(`${folder}/${name}`) : [`${folder}/${name}`];
  });
}
