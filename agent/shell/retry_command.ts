import { join } from "node:path";
import { findProgram } from "../process/find_program.ts";
import { cannotWrite } from "../settings/cannot_write.ts";

/** Between two tries, as a server that refuses needs a moment. Says nothing: what is on stdout is the command's. */
const RETRY = `#!/bin/sh
# retry N command...: runs the command until it succeeds, N times at most; ends as its last try did.
tries=$1
shift
until "$@"; do
  status=$?
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || exit "$status"
  sleep 1
done
`;

/**
 * The folder with a `retry` for the end of the PATH, undefined where the PATH leads to one: the clone script of Atlassian's
 * runner calls it, and brings none along (found by Nixpkgs, 64cc172, and by cml, 9b2827cb). Rejects with RunnerError when
 * it cannot be written.
 */
export async function provideRetry(
  runnerHome: string,
  path: string | undefined,
): Promise<string | undefined> {
  if (await findProgram("retry", path) !== undefined) return undefined;
  const folder = join(runnerHome, "tools");
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(folder, "retry"), RETRY, { mode: 0o755 });
  } catch (cause) {
    throw cannotWrite(`${folder}/retry`, cause);
  }
  return folder;
}
