import type { Program } from "./asset_names.ts";
import { bundleProgram } from "./bundle_program.ts";
import { CHECKOUT } from "./checkout.ts";
import { shellQuote } from "./shell_quote.ts";
import { programFlags } from "./program_flags.ts";

/**
 * Programs that are one file each, run by this Deno under the permission set of the compiled program, with no
 * package or module besides. `deno compile` embeds the same bundle, so that it can be tried without base binaries.
 */
export async function bundledPrograms(): Promise<Record<Program, Uint8Array>> {
  const startRunner = selfRunning("start-runner", await bundleProgram("start-runner"));
  const agent = selfRunning("codebuild-agent", await bundleProgram("codebuild-agent"));
  return { "start-runner": startRunner, "codebuild-agent": agent };
}

/** To the shell the second line is a command, to JavaScript a comment. */
function selfRunning(program: Program, code: string): Uint8Array {
  const flags = [
    "run",
    "-q",
    "--no-remote",
    "--no-npm",
    "--no-lock",
    "--ext=js",
    ...programFlags(program),
  ];
  const command = [Deno.execPath(), ...flags, "--config", `${CHECKOUT}/deno.json`].map(shellQuote).join(" ");
  return new TextEncoder().encode(`#!/bin/sh\n//bin/true; exec ${command} "$0" "$@"\n${code}`);
}
