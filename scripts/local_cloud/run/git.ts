/** Runs git on a folder, and resolves to what it writes. Rejects with its own words when it fails. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await gitCommand(folder, args).output();
  if (success) return new TextDecoder().decode(stdout).trimEnd();
  throw new Error(
    `Cannot clone the source: git ${args[0]} answered ${new TextDecoder().decode(stderr).trim()}`,
  );
}

/** The same, with undefined for a failure. */
export async function tryGit(folder: string, ...args: string[]): Promise<string | undefined> {
  return await git(folder, ...args).catch(() => undefined);
}

/** Hooks have variables that would lead git to their own repository whatever the folder. */
const OF_A_HOOK = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"];

function gitCommand(folder: string, args: readonly string[]): Deno.Command {
  const own = Object.entries(Deno.env.toObject()).filter(([name]) => !OF_A_HOOK.includes(name));
  return new Deno.Command("git", {
    args: ["-C", folder, ...args],
    env: { ...Object.fromEntries(own), GIT_LFS_SKIP_SMUDGE: "1", GIT_TERMINAL_PROMPT: "0" },
    clearEnv: true,
    stdin: "null",
  });
}
