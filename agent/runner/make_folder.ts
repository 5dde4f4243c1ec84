import { RunnerError } from "../../shared/program/errors.ts";

/** Makes a folder the runner needs, with those above it. Rejects with RunnerError when it cannot. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new RunnerError(`Cannot launch the runner: folder ${folder} cannot be made`, { cause });
  }
}
