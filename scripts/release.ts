import process from "node:process";
import { Command } from "commander";
import { type Asset, makeRelease } from "./release/make_release.ts";
import { readManifest } from "./outside/manifest.ts";
import { requireRecorded } from "./outside/require_recorded.ts";
import { type ProgramForm, programSource } from "./programs/program_source.ts";

interface Flags {
  readonly out?: string;
  readonly fromSource?: true;
  readonly bundled?: true;
  readonly programs?: string;
  readonly atlassianRunner?: string;
  readonly locked?: true;
  readonly only?: string;
  readonly rehearse?: true;
  readonly assets?: string;
  readonly fault: readonly string[];
  readonly try?: string;
}

const command = new Command("deno task release")
  .description("Makes the assets of a release and their SHA256SUMS; the same inputs give the same bytes.")
  .option("--out <dir>", "folder to put the assets into")
  .option("--from-source", "small scripts that run this checkout in place of the compiled programs")
  .option("--bundled", "like --from-source, with each program bundled into one file")
  .option("--programs <dir>", "executables made before with «deno task compile --out dir»")
  .option("--atlassian-runner <file>", "archive of Atlassian's runner, to put into the bundles")
  .option("--locked", "refuse what comes from outside and has no hash in scripts/outside.lock.json")
  .option("--only <names>", "assets to make, comma-separated; all without it")
  .option(
    "--rehearse",
    "publish to stand-ins on this machine instead, in every way that is known to go wrong",
  )
  .option("--try <dir>", "install the bundles of assets made before, and run what is installed")
  .option("--assets <dir>", "for --rehearse: assets made before, instead of some from source")
  .option(
    "--fault <call=kind:times>",
    "for --rehearse: only this, as in UploadAsset=502:2; may be given several times",
    (fault: string, others: string[]) => [...others, fault],
    [] as string[],
  )
  .action(release);

try {
  await command.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  say(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function release(flags: Flags): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  if (flags.try !== undefined) {
    const { tryBundles } = await import("./release/try_bundles.ts");
    return await tryBundles(flags.try, Deno.build.arch === "aarch64" ? "arm64" : "x86_64", print);
  }
  if (flags.rehearse) {
    const { rehearseRelease } = await import("./release/rehearse_release.ts");
    const asItShould = await rehearseRelease({ assets: flags.assets, faults: flags.fault, say: print });
    if (!asItShould) process.exitCode = 1;
    return;
  }
  if (flags.out === undefined) throw new Error("Missing --out: the folder to put the assets into");
  // What is missing is said before anything is compiled.
  if (flags.locked) requireRecorded(await readManifest(), flags.atlassianRunner === undefined);
  const assets = await makeRelease({
    out: flags.out,
    program: programSource(programForm(flags), { locked: flags.locked, say }),
    atlassianRunnerFile: flags.atlassianRunner,
    locked: flags.locked,
    only: flags.only?.split(",").map((name) => name.trim()),
    say,
  });
  for (const asset of assets) process.stdout.write(`${sizeLine(asset)}\n`);
}

function programForm(flags: Flags): ProgramForm {
  const forms: ProgramForm[] = [];
  if (flags.fromSource) forms.push({ form: "from source" });
  if (flags.bundled) forms.push({ form: "bundled" });
  if (flags.programs !== undefined) forms.push({ form: "made before", folder: flags.programs });
  if (forms.length > 1) throw new Error("Cannot combine --from-source, --bundled and --programs: choose one");
  return forms[0] ?? { form: "compiled" };
}

function sizeLine({ name, content }: Asset): string {
  const size = content.length < 1e6
    ? `${(content.length / 1e3).toFixed(1)} kB`
    : `${(content.length / 1e6).toFixed(1)} MB`;
  return `${size.padStart(10)}  ${name}`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
