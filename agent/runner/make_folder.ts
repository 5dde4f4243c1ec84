import { messageOf, RunnerError } from "../../shared/program/errors.ts";

/** Makes a folder the runner needs, with those above it. Rejects with RunnerError when it cannot. */
export async function makeFolder(folder: string): Promise<void> {
  await orRefuse(folder, () => Deno.mkdir(folder, { recursive: true }));
}

/**
 * Makes a new folder below `parent` for the steps of one runner, and returns its path: what an earlier runner left must
 * neither be read as this one's nor stand in its way. Rejects with RunnerError when it cannot.
 */
export async function makeWorkFolder(parent: string): Promise<string> {
  await makeFolder(parent);
  return await orRefuse(parent, async () => {
    const folder = await Deno.makeTempDir({ dir: parent, prefix: "build-" });
    // Steps may run as another user than the agent does.
    await Deno.chmod(folder, 0o755);
    return folder;
  });
}

async function orRefuse<T>(folder: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (cause) {
    const reason = messageOf(cause);
    throw new RunnerError(`Cannot prepare the runner: no folder can be made at ${folder}: ${reason}`, {
      hint: "The build needs to write there, on a disk with space left",
      cause,
    });
  }
}
