import { CHECKOUT } from "../../programs/checkout.ts";
import { runDeno } from "../../programs/run_deno.ts";
import { shellQuote } from "../../programs/shell_quote.ts";
import { FORGET_LAUNCHER } from "../../programs/source_wrappers.ts";

const START_SH = (deno: string, denoDir: string, program: string) =>
  `#!/bin/sh
# Stands in for the start script of Atlassian's runner: the same flags and variables, the same lines of output.
# Each flag may be given as a variable instead: ACCOUNT_UUID, REPOSITORY_UUID, RUNNER_UUID, OAUTH_CLIENT_ID,
# OAUTH_CLIENT_SECRET, RUNTIME, WORKING_DIRECTORY and so on.
if ! command -v java >/dev/null 2>&1; then
  echo "java could not be found, please install it" >&2
  exit 1
fi
if [ ! -f ./runner.jar ]; then
  echo "Error: Unable to access jarfile ./runner.jar" >&2
  exit 1
fi
DENO_DIR=${shellQuote(denoDir)} DENO_NO_UPDATE_CHECK=1
export DENO_DIR DENO_NO_UPDATE_CHECK
exec ${shellQuote(deno)} run -A -q --no-prompt --no-config --no-lock --cached-only \\
  --preload=${shellQuote(FORGET_LAUNCHER)} ${shellQuote(program)} "$@"
`;

/**
 * Makes an archive laid out as Atlassian's runner archive, whose start.sh runs the stand-in runner with the Deno
 * that runs this. `file` ends in .tar.gz.
 */
export async function makeStandInArchive(file: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "stand-in-archive-" });
  try {
    const program = `${CHECKOUT}/scripts/local_cloud/stand_in/stand_in_runner.ts`;
    await Deno.mkdir(`${folder}/bin`);
    await Deno.writeTextFile(
      `${folder}/README.md`,
      "A stand-in for Atlassian's runner, for the local cloud.\n",
    );
    await Deno.writeTextFile(`${folder}/bin/runner.jar`, "The stand-in runner needs no Java.\n");
    const startScript = START_SH(Deno.execPath(), await denoDir(), program);
    await Deno.writeTextFile(`${folder}/bin/start.sh`, startScript, { mode: 0o755 });
    await pack(file, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Where this Deno keeps its cache; a build has a HOME of its own, and would not find it. */
async function denoDir(): Promise<string> {
  const { denoDir } = JSON.parse(await runDeno(["info", "--json", "--no-config"]));
  return denoDir;
}

async function pack(file: string, folder: string): Promise<void> {
  const args = ["-czf", file, "-C", folder, "README.md", "bin"];
  const { success, stderr } = await new Deno.Command("tar", { args, stdin: "null" }).output();
  if (!success) throw new Error(`Cannot make archive: tar answered ${new TextDecoder().decode(stderr)}`);
}
