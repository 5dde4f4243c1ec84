import { fileURLToPath } from "node:url";

/** This checkout's folder, without a slash at its end. */
export const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** A file of the checkout, by its path from the top. */
export function projectFile(path: string): Uint8Array {
  return Deno.readFileSync(`${CHECKOUT}/${path}`);
}

/** The main module of a program. */
export function mainModule(program: "start-runner" | "codebuild-agent"): string {
  return `${CHECKOUT}/${program === "start-runner" ? "cli" : "agent"}/main.ts`;
}

/** The flags that make Deno use this checkout's configuration and lock file. */
export function configFlags(): string[] {
  return ["--config", `${CHECKOUT}/deno.json`, "--lock", `${CHECKOUT}/deno.lock`];
}

/** The commit of the checkout, 12 digits, with `-dirty` where files differ from it; undefined without git. */
export function checkoutCommit(): string | undefined {
  const commit = git("rev-parse", "--short=12", "HEAD");
  if (commit === undefined) return undefined;
  return git("status", "--porcelain", "--untracked-files=no") === "" ? commit : `${commit}-dirty`;
}

function git(...args: string[]): string | undefined {
  try {
    const { success, stdout } = new Deno.Command("git", {
      args: ["-C", CHECKOUT, ...args],
      stderr: "null",
    }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
