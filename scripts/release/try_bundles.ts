import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { execa } from "execa";
import { EXIT_CODES } from "../../shared/program/errors.ts";
import { VERSION } from "../../shared/program/version.ts";
import { RUNNER_TYPES, type RunnerType } from "../../shared/settings/runner_type.ts";
import { type Architecture, installerAsset } from "../programs/asset_names.ts";
import { addressOf, pinnedDownload } from "../outside/manifest.ts";
import { type Assets, readAssets } from "../publish/release_assets.ts";

/** What Atlassian's runner says once Java has loaded its jar. Source: runner.log of 1.364 to 5.6.0. */
const LOADED = /Runner version: \S+/;
const LOADING_MS = 60_000;

type Say = (line: string) => void;

/**
 * Installs the bundles of a release as a build would, and runs what is installed: agent, phase scripts, and Atlassian's
 * start script until Java has loaded its jar. Atlassian's archive may stand beside the assets, as in a mirror; else the
 * installer downloads it, unless the bundle holds the runner. Throws where something does not run.
 */
export async function tryBundles(assetsFolder: string, arch: Architecture, say: Say): Promise<void> {
  const runner = addressOf(await pinnedDownload("atlassian-runner")).split("/").at(-1);
  const assets = await readAssets(assetsFolder, runner);
  const folder = await Deno.makeTempDir({ prefix: "try-bundles-" });
  const server = await serve(assets);
  try {
    for (const type of RUNNER_TYPES) {
      const home = `${folder}/${type}`;
      await install({ type, home, assetsFolder, url: server.url });
      await tryAgent(home);
      await tryPhases(home);
      if (type === "shell") await tryStartScript(home);
      say(`The ${type} bundle for ${arch} installs, and what it holds runs`);
    }
  } finally {
    await server.close();
    await Deno.remove(folder, { recursive: true });
  }
}

interface Installation {
  readonly type: RunnerType;
  readonly home: string;
  readonly assetsFolder: string;
  readonly url: string;
}

async function install({ type, home, assetsFolder, url }: Installation): Promise<void> {
  const script = `${assetsFolder}/${installerAsset(type)}`;
  await run("sh", [script, "--base-url", url, "--dest", home]);
}

async function tryAgent(home: string): Promise<void> {
  const { stdout } = await run(`${home}/codebuild-agent`, ["--version"]);
  if (stdout.startsWith(`codebuild-agent ${VERSION} `)) return;
  throw new Error(`Cannot use the agent: it calls itself «${stdout}»`);
}

/** Without a configuration the agent has to say what is missing, which shows that the script and it are complete. */
async function tryPhases(home: string): Promise<void> {
  for (const phase of ["pre_build", "build"]) {
    const { exitCode, stderr } = await run(`${home}/${phase}.sh`, [], [EXIT_CODES.configuration]);
    if (exitCode === EXIT_CODES.configuration && stderr.includes("error: Missing ")) continue;
    throw new Error(`Cannot use ${phase}.sh: it ended with ${exitCode}: ${stderr}`);
  }
  await run(`${home}/post_build.sh`, []);
}

/** With an identity that nobody has; it is ended as soon as its jar is seen to run, before anybody refuses it. */
async function tryStartScript(home: string): Promise<void> {
  const nobody = "{00000000-0000-4000-8000-000000000000}";
  const child = execa("sh", ["start.sh"], {
    cwd: `${home}/bin`,
    env: {
      ACCOUNT_UUID: nobody,
      REPOSITORY_UUID: nobody,
      RUNNER_UUID: nobody,
      OAUTH_CLIENT_ID: "nobody",
      OAUTH_CLIENT_SECRET: "nothing",
      RUNTIME: "linux-shell",
      WORKING_DIRECTORY: `${home}/work`,
    },
    stdin: "ignore",
    all: true,
    reject: false,
    timeout: LOADING_MS,
  });
  let output = "";
  for await (const line of child.iterable({ from: "all" })) {
    output += `${line}\n`;
    if (LOADED.test(line)) child.kill();
  }
  await child;
  if (!LOADED.test(output)) throw new Error(`Cannot load Atlassian's runner: ${output.slice(-2000)}`);
}

async function run(command: string, args: readonly string[], fine: readonly number[] = []) {
  const env = { ...passedOn(), HOME: "/nonexistent" };
  const result = await execa(command, args, { env, extendEnv: false, stdin: "ignore", reject: false });
  const exitCode = result.exitCode ?? -1;
  if (exitCode !== 0 && !fine.includes(exitCode)) {
    throw new Error(`Cannot run ${command} ${args.join(" ")}: it ended with ${exitCode}: ${result.stderr}`);
  }
  return { exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** Where programs are, and how the installer gets out of here. */
function passedOn(): Record<string, string> {
  const names = ["PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "CURL_CA_BUNDLE"];
  const all = Deno.env.toObject();
  return Object.fromEntries(names.flatMap((name) => name in all ? [[name, all[name] ?? ""]] : []));
}

async function serve(assets: Assets): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const content = assets.get(request.url?.split("/").at(-1) ?? "");
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
