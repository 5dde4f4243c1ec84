import { isAbsolute, join } from "node:path";

/** The first executable file of that name on a PATH, or undefined. Relative folders on the PATH are passed over. */
export async function findProgram(name: string, path: string | undefined): Promise<string | undefined> {
  for (const folder of (path ?? "").split(":")) {
    if (!isAbsolute(folder)) continue;
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

/** Whether a path leads to a file that has an executable bit. */
export async function isExecutable(file: string): Promise<boolean> {
  const { isFile, mode } = await Deno.stat(file).catch(() => ({ isFile: false, mode: 0 }));
  return isFile && ((mode ?? 0) & 0o111) !== 0;
}
