import { type ProcessEntry, type ProcessId, sameProcess } from "./process_table.ts";

/**
 * The processes that belong to a leader: itself, those of its session and group, those once `known` to belong,
 * and the descendants of all of these, also in sessions of their own. The leader may be gone already.
 */
export function processFamily(
  processes: readonly ProcessEntry[],
  leader: ProcessId,
  known: readonly ProcessId[] = [],
): ProcessEntry[] {
  const holder = processes.find((entry) => entry.pid === leader.pid);
  // A pid is not given out again while it names a session or group: a new holder means that ours are empty.
  const reused = holder !== undefined && !sameProcess(holder, leader);
  const roots = processes.filter((entry) => {
    const inSession = !reused && (entry.session === leader.pid || entry.group === leader.pid);
    return inSession || sameProcess(entry, leader) || known.some((one) => sameProcess(one, entry));
  });
  return [...withDescendants(processes, roots).values()];
}

/** Processes and all that descend from them, by their pids. */
export function withDescendants(
  processes: readonly ProcessEntry[],
  roots: readonly ProcessEntry[],
): ReadonlyMap<number, ProcessEntry> {
  const members = new Map(roots.map((entry) => [entry.pid, entry]));
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const entry of processes) {
      if (members.has(entry.parent)) members.set(entry.pid, entry);
    }
  }
  return members;
}
