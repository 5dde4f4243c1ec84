/** The shell of a step's script, as Bitbucket chooses it: bash where a folder of the PATH has one, else sh. */
export function stepShell(path: string): "bash" | "sh" {
  return path.split(":").some((folder) => isProgram(`${folder}/bash`)) ? "bash" : "sh";
}

function isProgram(file: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(file);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}
