import { type Architecture, type Program, programAsset } from "./asset_names.ts";
import { type BaseBinary, compileFailure, findBaseBinary, unverified } from "./base_binary.ts";
import { bundleProgram } from "./bundle_program.ts";
import { projectFile } from "./checkout.ts";
import { runDeno } from "./run_deno.ts";
import { programFlags } from "./program_flags.ts";

/** Deno embeds the time of the file that it compiles; a fixed one gives the same bytes every time. */
const FIXED_TIME = new Date("2000-01-01T00:00:00Z");

export interface CompileOptions {
  /** Refuse a base binary that is held against no hash. */
  readonly locked?: boolean | undefined;
  readonly say: (line: string) => void;
}

/**
 * A program's executable for an architecture: its bundle, Deno's base binary and its permission set. Throws in one
 * sentence, with what was tried where the base binary is the reason. Says what is not known of that.
 */
export async function compileProgram(
  program: Program,
  arch: Architecture,
  { locked = false, say }: CompileOptions,
): Promise<Uint8Array> {
  const base = await findBaseBinary(arch, Deno.env.toObject());
  const doubt = unverified(arch, base);
  if (doubt !== undefined && locked) throw new Error(`Cannot compile ${program}: ${doubt}`);
  if (doubt !== undefined) say(`Note: ${doubt}`);
  const folder = await Deno.makeTempDir({ prefix: "compile-" });
  try {
    return await compileIn(folder, program, arch, base);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The folder holds the bundle and a configuration of its own, since paths outside of it would be embedded too. */
async function compileIn(
  folder: string,
  program: Program,
  arch: Architecture,
  base: BaseBinary,
): Promise<Uint8Array> {
  const entry = `${folder}/${program}.js`;
  const config = `${folder}/deno.json`;
  const output = `${folder}/${programAsset(program, arch)}`;
  const { permissions } = JSON.parse(new TextDecoder().decode(projectFile("deno.json")));
  await Deno.writeTextFile(entry, await bundleProgram(program));
  await Deno.writeTextFile(config, JSON.stringify({ permissions }));
  await Deno.utime(entry, FIXED_TIME, FIXED_TIME);
  const flags = [
    "--config",
    config,
    "--no-lock",
    "--no-check",
    "--app-name",
    program,
    ...programFlags(program),
  ];
  await runDeno(["compile", "-q", ...flags, "--target", base.target, "-o", output, entry], base.env).catch(
    (cause) => {
      throw compileFailure(program, { arch, source: base.source, cause });
    },
  );
  await refuseImpostor(output, program, arch);
  return await Deno.readFile(output);
}

/** Deno itself takes an embedded program, and then ignores it; only the base binary called denort runs one. */
async function refuseImpostor(output: string, program: Program, arch: Architecture): Promise<void> {
  if ((arch === "arm64") !== (Deno.build.arch === "aarch64")) return;
  const { stdout } = await new Deno.Command(output, { args: ["--version"], stdin: "null", stderr: "null" })
    .output();
  const shown = new TextDecoder().decode(stdout).split("\n")[0] ?? "";
  if (shown.startsWith(`${program} `)) return;
  throw new Error(
    `Cannot use the base binary: ${program} --version shows «${shown}»; is DENORT_BIN a denort?`,
  );
}
