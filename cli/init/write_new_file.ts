import { RunnerError } from "../../shared/program/errors.ts";
import { fileFault } from "../../shared/program/file_fault.ts";

/** Writes a file that is not there yet; false where there is one, which is left as it is. */
export async function writeNewFile(path: string, text: string): Promise<boolean> {
  try {
    const file = await Deno.open(path, { write: true, createNew: true });
    await new Blob([text]).stream().pipeTo(file.writable).catch(async (error) => {
      // Half of it, as on a disk that is full, would be taken for the user's own the next time.
      await Deno.remove(path);
      throw error;
    });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw new RunnerError(`Cannot write ${path}: ${fileFault(error)}`, {
      hint: "start-runner init --print pipeline prints the sample",
      cause: error,
    });
  }
}
