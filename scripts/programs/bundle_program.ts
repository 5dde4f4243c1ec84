import { isBuiltin } from "node:module";
import type { Program } from "./asset_names.ts";
import { checkoutCommit, configFlags, mainModule } from "./checkout.ts";
import { runDeno } from "./run_deno.ts";

/** Where shared/program/version.ts wants the commit. */
const COMMIT_MARK = "@commit@";

/**
 * A program and all it imports as one minified module, with the commit embedded. Throws when something is left
 * outside of it that is not part of the runtime.
 */
export async function bundleProgram(program: Program): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "bundle-" });
  try {
    const [plain, minified] = [`${folder}/plain.js`, `${folder}/minified.js`];
    await bundle(program, "-o", plain);
    await bundle(program, "--minify", "-o", minified);
    const outside = importsOutside(await Deno.readTextFile(plain));
    if (outside.length > 0) {
      throw new Error(`Cannot bundle ${program}: ${outside.join(", ")} would be missing`);
    }
    return embedCommit(await Deno.readTextFile(minified), checkoutCommit());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Deno fetches its bundler when it is used for the first time, and two processes that do so at once can trip over
 * each other; so the programs are bundled one by one, and another process's first time is waited for.
 */
async function bundle(program: Program, ...args: string[]): Promise<void> {
  for (let triesLeft = 4;; triesLeft--) {
    try {
      await runDeno(["bundle", "-q", ...configFlags(), mainModule(program), ...args]);
      return;
    } catch (error) {
      if (triesLeft === 0 || !String(error).includes("esbuild binary")) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Replaces the mark; a bundle that has it not exactly once would show a wrong version. */
export function embedCommit(code: string, commit: string | undefined): string {
  const parts = code.split(COMMIT_MARK);
  if (parts.length !== 2) {
    throw new Error(`Cannot embed the commit: the mark occurs ${parts.length - 1} times`);
  }
  return commit === undefined ? code : parts.join(commit);
}

/**
 * What a bundle that is not minified imports or requires besides the runtime's own modules. The bundler, esbuild,
 * writes `__require` where it did not find a module, and leaves an import alone whose name is computed.
 */
export function importsOutside(code: string): string[] {
  const named = code.matchAll(
    /^(?:import|export)\b[^;"'`]*?["']([^"']+)["'];$|(?:\b__require|[^.\w]import)\(["']([^"']+)["']\)/gm,
  );
  const names = [...named].map((match) => match[1] ?? match[2] ?? "").filter((name) => !isBuiltin(name));
  const computed = [...code.matchAll(/[^.\w`]import\((?!["')])[^)]*\)/g)].map((match) => match[0].trim());
  return [...new Set([...names, ...computed])];
}
