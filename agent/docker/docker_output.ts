import type { Host } from "../../shared/program/host.ts";
import { waitFor } from "../../shared/program/wait.ts";
import { launchDetached } from "../process/launch_detached.ts";
import { pidsMentioning, readArguments } from "../process/process_table.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";

/**
 * `docker logs` begins with the first line each time; as the file holds nothing but the same bytes, its size says how
 * many of them to pass over, also in the middle of a line. `dd` takes not one byte too many from the pipe, and `cat`
 * writes at once, where `tail -c` would wait for a full buffer. The last `exit` keeps the shell, by whose arguments
 * it is found, until `cat` is through. What the shell itself says, as «Killed», must not get into the file.
 */
const FOLLOW_SCRIPT =
  'exec 2>/dev/null; docker logs --follow "$1" 2>&1 | { dd bs=1 count="$2" of=/dev/null; cat; exit; }';

/** A container ends a moment before the last of its output has arrived. */
const LAST_OUTPUT_MS = 10_000;

/**
 * Makes sure that a container's output goes to the log file, without a gap and without a line twice. What carries it
 * there outlives the program; a later phase finds it by its arguments.
 */
export async function followOutput(host: Host, container: string, logFile: string): Promise<void> {
  if (await isFollowed(container)) return;
  const passOver = await sizeOf(logFile);
  await launchDetached("/bin/sh", ["-c", FOLLOW_SCRIPT, "follow-output", container, `${passOver}`], {
    env: runnerEnvironment(host.env),
    cwd: "/",
    outputFile: logFile,
  });
}

/** Waits until the output of a container that has ended is in the file, at most ten seconds. */
export async function outputArrived(host: Host, container: string): Promise<void> {
  await waitFor(host, async () => await isFollowed(container) ? undefined : true, {
    timeoutMs: LAST_OUTPUT_MS,
    intervalMs: () => 50,
  });
}

/**
 * Whether something carries the container's output. Either counts: the shells, which are there first and last, or the
 * client, should they have been killed.
 */
export async function isFollowed(container: string): Promise<boolean> {
  for (const pid of await pidsMentioning(container)) {
    const words = await readArguments(pid);
    if (words.includes("follow-output")) return true;
    if (words.slice(-3).join(" ") === `logs --follow ${container}`) return true;
  }
  return false;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await Deno.stat(file)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
