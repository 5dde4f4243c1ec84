import { CHECKOUT } from "../../programs/checkout.ts";
import { runDeno } from "../../programs/run_deno.ts";
import { shellQuote } from "../../programs/shell_quote.ts";
import { FORGET_LAUNCHER } from "../../programs/source_wrappers.ts";

/**
 * A shell's words that run a module of the local cloud with this Deno and its cache: a build has a HOME of its own, and would
 * not find it. What the words set for Deno does not reach what the module starts.
 */
export async function denoCommand(module: string): Promise<string> {
  const { denoDir } = JSON.parse(await runDeno(["info", "--json", "--no-config"])) as { denoDir: string };
  const flags = ["-A", "-q", "--no-prompt", "--no-config", "--no-lock", "--cached-only"];
  const words = [
    ...["env", `DENO_DIR=${denoDir}`, "DENO_NO_UPDATE_CHECK=1"],
    ...[Deno.execPath(), "run", ...flags, `--preload=${FORGET_LAUNCHER}`],
    `${CHECKOUT}/scripts/local_cloud/${module}`,
  ];
  return words.map(shellQuote).join(" ");
}
