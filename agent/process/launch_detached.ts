import { type DetachedOptions, startDetached } from "./process.ts";
import { type ProcessId, readProcess } from "./process_table.ts";

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
  return { pid, startTime: (await readProcess(pid))?.startTime ?? ENDED_AT_ONCE };
}
