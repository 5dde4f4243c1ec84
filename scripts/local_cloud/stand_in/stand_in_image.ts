import { CHECKOUT } from "../../programs/checkout.ts";

/** What the scripts of steps can use in the image, beside Deno. */
const PROGRAMS = ["sh", "cat", "echo", "ls", "mkdir", "rm", "sleep", "uname"];

/** The modules that the stand-in runner is made of. */
const MODULES = [
  "stand_in/stand_in_runner.ts",
  "stand_in/stand_in_identity.ts",
  "stand_in/runner_values.ts",
  "stand_in/java_arguments.ts",
  "stand_in/stand_in_steps.ts",
  "stand_in/step_container.ts",
  "stand_in/runner_log.ts",
  "stand_in/runner_lines.ts",
  "stand_in/cloud_link.ts",
  "machine/read_lines.ts",
  "machine/step_shell.ts",
];

/**
 * Puts an image on the machine's Docker daemon that stands in for Atlassian's runner image: the same variables, the same lines of
 * output. It is made of this Deno and this machine's own programs, since nothing may be pulled. Steps run in the
 * runner's container itself, and each has a container of its own beside it. `cloudSocket` is the local cloud's socket, below /tmp.
 */
export async function makeStandInImage(tag: string, cloudSocket: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "stand-in-image-" });
  try {
    const root = `${folder}/root`;
    await fill(root);
    const variables = {
      PATH: "/usr/bin:/bin",
      HOME: "/root",
      DENO_DIR: "/root/deno",
      DENO_NO_UPDATE_CHECK: "1",
      RUNTIME: "linux-docker",
      LOCAL_CLOUD_URL: `unix:${cloudSocket}`,
      LOCAL_CLOUD_IMAGE: tag,
    };
    const entrypoint = [
      "/usr/bin/deno",
      "run",
      "-A",
      "-q",
      "--no-config",
      "--cached-only",
      "/local-cloud/stand_in/stand_in_runner.ts",
    ];
    await run("tar", ["-cf", `${folder}/image.tar`, "-C", root, "."]);
    await run("docker", [
      "import",
      ...Object.entries(variables).flatMap(([name, value]) => ["--change", `ENV ${name}=${value}`]),
      ...["--change", `ENTRYPOINT ${JSON.stringify(entrypoint)}`],
      `${folder}/image.tar`,
      tag,
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Takes the image off the machine again. */
export async function removeStandInImage(tag: string): Promise<void> {
  await run("docker", ["image", "rm", "--force", tag]);
}

async function fill(root: string): Promise<void> {
  await Deno.mkdir(`${root}/tmp`, { recursive: true });
  await Deno.mkdir(`${root}/root`);
  await copyProgram(Deno.execPath(), root, "/usr/bin/deno");
  for (const name of PROGRAMS) {
    const file = (await run("sh", ["-c", `command -v ${name}`])).trim();
    await copyProgram(file.startsWith("/") ? file : `/bin/${name}`, root, `/bin/${name}`);
  }
  for (const module of MODULES) {
    await copy(`${CHECKOUT}/scripts/local_cloud/${module}`, `${root}/local-cloud/${module}`);
  }
}

/** A program with the libraries that it is linked to. */
async function copyProgram(file: string, root: string, place: string): Promise<void> {
  await copy(file, root + place);
  const libraries = await run("ldd", [file]).catch(() => "");
  for (const [library] of libraries.matchAll(/\/\S+(?= \(0x)/g)) await copy(library, root + library);
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(from, to);
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" })
    .output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`Cannot make image: ${program} answered ${new TextDecoder().decode(stderr).trim()}`);
}
