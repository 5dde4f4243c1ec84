import process from "node:process";
import { Command, Option } from "commander";
import {
  type Architecture,
  ARCHITECTURES,
  type Program,
  programAsset,
  PROGRAMS,
} from "./programs/asset_names.ts";
import { CHECKOUT } from "./programs/checkout.ts";
import { compileProgram } from "./programs/compile_program.ts";

/** In the checkout, but never committed. */
const DEFAULT_FOLDER = `${CHECKOUT}/.compiled`;

interface Flags {
  readonly out: string;
  readonly arch?: Architecture;
  readonly program?: Program;
  readonly locked?: true;
}

await new Command("deno task compile")
  .description(
    "Makes the executables; base binaries: DENORT_BIN, else DENORT_MIRROR, else Deno's own download.",
  )
  .option("--out <dir>", "folder to put the executables into", DEFAULT_FOLDER)
  .addOption(new Option("--arch <arch>", "one architecture instead of both").choices(ARCHITECTURES))
  .addOption(new Option("--program <name>", "one program instead of both").choices(PROGRAMS))
  .option("--locked", "refuse a base binary that has no hash in scripts/outside.lock.json")
  .action(compile)
  .parseAsync(Deno.args, { from: "user" });

/** Goes on after a failure, since one architecture may be had where the other is not. */
async function compile(flags: Flags): Promise<void> {
  await Deno.mkdir(flags.out, { recursive: true });
  if (flags.out === DEFAULT_FOLDER) await Deno.writeTextFile(`${DEFAULT_FOLDER}/.gitignore`, "*\n");
  const [problems, doubts] = [new Set<string>(), new Set<string>()];
  for (const arch of flags.arch ? [flags.arch] : ARCHITECTURES) {
    for (const program of flags.program ? [flags.program] : PROGRAMS) {
      const problem = await compileOne(program, arch, flags, (doubt) => doubts.add(doubt));
      if (problem !== undefined) problems.add(problem);
    }
  }
  for (const doubt of doubts) process.stderr.write(`${doubt}\n`);
  for (const problem of problems) process.stderr.write(`error: ${problem}\n`);
  if (problems.size > 0) process.exitCode = 1;
}

async function compileOne(
  program: Program,
  arch: Architecture,
  { out, locked }: Flags,
  say: (doubt: string) => void,
): Promise<string | undefined> {
  const path = `${out}/${programAsset(program, arch)}`;
  try {
    const executable = await compileProgram(program, arch, { locked, say });
    await Deno.writeFile(path, executable, { mode: 0o755 });
    process.stdout.write(`${(executable.length / 1e6).toFixed(1).padStart(8)} MB  ${path}\n`);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
