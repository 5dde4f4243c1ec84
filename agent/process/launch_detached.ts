import { type DetachedOptions, startDetached } from "./process.ts";
import { pidTaken, type ProcessId, readProcess, UNKNOWN_START } from "./process_table.ts";

/** No start time of a real process, so that one that ended before it could be looked up counts as dead. */
const ENDED_AT_ONCE = "ended";

/**
 * Starts a process that outlives the program, as `startDetached()` does, and returns what it takes to find it again
 * from another program. Rejects with RunnerError when it cannot be started.
 */
export async function launchDetached(
  command: string,
  args: readonly string[],
  options: DetachedOptions,
): Promise<ProcessId> {
  const pid = await startDetached(command, args, options);
  const entry = readProcess(pid);
  if (typeof entry === "object") return { pid, startTime: entry.startTime };
  return { pid, startTime: entry === "none" && !pidTaken(pid) ? ENDED_AT_ONCE : UNKNOWN_START };
}
