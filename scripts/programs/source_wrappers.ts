import { type Program, PROGRAMS } from "./asset_names.ts";
import { CHECKOUT, configFlags, mainModule } from "./checkout.ts";
import { NO_INSTALLERS } from "./pin_installers.ts";
import { runDeno } from "./run_deno.ts";
import { shellQuote } from "./shell_quote.ts";
import { programFlags } from "./program_flags.ts";

/** The module that Deno preloads where a script has set variables for Deno alone. */
export const FORGET_LAUNCHER = `${CHECKOUT}/scripts/programs/forget_launcher.ts`;

/**
 * Programs that are small scripts and run this checkout, with this Deno and its cache, under the permission set
 * of the compiled program. They serve on this machine only.
 */
export async function sourceWrappers(): Promise<Record<Program, Uint8Array>> {
  const [info] = await Promise.all([
    runDeno(["info", "--json", "--no-config"]),
    runDeno(["cache", "-q", ...configFlags(), ...PROGRAMS.map(mainModule), FORGET_LAUNCHER]),
  ]);
  const { denoDir } = JSON.parse(info) as { denoDir: string };
  return {
    "start-runner": wrapper("start-runner", denoDir),
    "codebuild-agent": wrapper("codebuild-agent", denoDir),
  };
}

function wrapper(program: Program, denoDir: string): Uint8Array {
  const flags = [
    "run",
    "-q",
    "--cached-only",
    // Else Deno keeps in memory what the registry says of each package that any command may load: some 12 MB, which no
    // compiled program has to do with.
    "--unstable-lazy-dynamic-imports",
    `--preload=${FORGET_LAUNCHER}`,
    ...configFlags(),
    ...programFlags(program),
  ];
  const command = [Deno.execPath(), ...flags, mainModule(program)].map(shellQuote).join(" ");
  const variables = [`DENO_DIR=${shellQuote(denoDir)}`, "DENO_NO_UPDATE_CHECK=1"];
  if (program === "start-runner") variables.push(`INSTALLER_HASHES=${shellQuote(NO_INSTALLERS)}`);
  return new TextEncoder().encode(
    `#!/bin/sh\nexport ${variables.join(" ")}\nexec ${command} "$@"\n`,
  );
}
