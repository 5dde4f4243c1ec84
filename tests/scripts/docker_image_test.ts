import assert from "node:assert/strict";
import { makeRelease } from "../../scripts/release/make_release.ts";
import { programSource } from "../../scripts/programs/program_source.ts";
import { VERSION } from "../../shared/program/version.ts";
import { dockerOutput, whyNoDocker } from "../fixtures/docker_image.ts";
import { findTool } from "../fixtures/needing.ts";
import { withTemporaryFolder } from "../fixtures/temporary_folder.ts";

const CHECKOUT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const BASE = "aws-bitbucket-runner-base-test:latest";
const IMAGE = "aws-bitbucket-runner-docker-test:latest";

const reason = await whyNoDocker();
const suffix = reason === undefined ? "" : ` (skipped: ${reason})`;

Deno.test({
  name: `Dockerfile puts start-runner on the PATH, sets RUNNER_TYPE and has a user without rights${suffix}`,
  ignore: reason !== undefined,
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const assets = `${folder}/assets`;
      const only = ["start-runner-arm64", "LICENSE", "THIRD-PARTY-NOTICES.txt"];
      await makeRelease({ out: assets, program: programSource({ form: "bundled" }), only, say: () => {} });
      await importBase(`${folder}/root`);
      try {
        await build(
          assets,
          "--build-arg",
          `BASE=${BASE}`,
          "--build-arg",
          "RUNNER_TYPE=docker",
          "--build-arg",
          "PROGRAM=start-runner-arm64",
        );
        assert.match(await run("start-runner", "--version"), startRunnerLine());
        assert.match(await run(), /--project/);
        const who = "echo $RUNNER_TYPE $HOME; start-runner --version";
        assert.match(await run("sh", "-c", who), /^docker \S*\nstart-runner /);
        assert.match(await runAs("1000", "sh", "-c", who), /^docker \/home\/runner\nstart-runner /);
      } finally {
        await dockerOutput("image", "rm", "--force", IMAGE, BASE);
      }
    }),
});

function run(...command: string[]): Promise<string> {
  return runAs("0", ...command);
}

function runAs(user: string, ...command: string[]): Promise<string> {
  return dockerOutput("run", "--rm", "--network", "none", "--user", user, IMAGE, ...command);
}

function startRunnerLine(): RegExp {
  return new RegExp(`^start-runner ${VERSION.replaceAll(".", "\\.")} \\(.+\\)$`);
}

/** A base in place of Debian's, which cannot be had everywhere: a shell, and the Deno that the bundle names. */
async function importBase(root: string): Promise<void> {
  for (const name of ["sh", "true", "mkdir", "chown"]) {
    const file = findTool(name);
    if (file !== undefined) await addProgram(root, file, `/bin/${name}`);
  }
  await addProgram(root, Deno.execPath(), Deno.execPath());
  await addFile(`${CHECKOUT}/deno.json`, `${root}${CHECKOUT}/deno.json`);
  await Deno.mkdir(`${root}/etc`);
  await Deno.writeTextFile(`${root}/etc/passwd`, "root:x:0:0::/root:/bin/sh\n");
  await output("tar", "-cf", `${root}.tar`, "-C", root, ".");
  await dockerOutput("import", "--change", "ENV PATH=/usr/local/bin:/bin", `${root}.tar`, BASE);
}

/** Where Docker has no buildx plugin, its older builder does the same. */
async function build(assets: string, ...args: string[]): Promise<void> {
  const buildx = await new Deno.Command("docker", {
    args: ["buildx", "version"],
    stdout: "null",
    stderr: "null",
  })
    .output();
  const { success, stderr } = await new Deno.Command("docker", {
    args: [
      "build",
      "--network",
      "none",
      "-f",
      `${CHECKOUT}/scripts/docker/Dockerfile`,
      "-t",
      IMAGE,
      ...args,
      assets,
    ],
    env: buildx.success ? {} : { DOCKER_BUILDKIT: "0" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** Copies a program of the machine with the libraries that it is linked to. */
async function addProgram(root: string, file: string, target: string): Promise<void> {
  await addFile(file, `${root}${target}`);
  for (const [library] of (await output("ldd", file)).matchAll(/\/\S+(?= \(0x)/g)) {
    await addFile(library, `${root}${library}`);
  }
}

async function addFile(from: string, to: string): Promise<void> {
  await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(from, to);
}

async function output(command: string, ...args: string[]): Promise<string> {
  return new TextDecoder().decode((await new Deno.Command(command, { args }).output()).stdout);
}
