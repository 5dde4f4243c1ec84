import type { Host } from "../../shared/program/host.ts";
import { waitFor } from "../../shared/program/wait.ts";
import { processFamily } from "./process_family.ts";
import { listProcesses, pidTaken, type ProcessId, pulseOf, sameProcess } from "./process_table.ts";

/** How a process ended: by itself after SIGTERM, by SIGKILL, or before anybody asked. */
export type StopOutcome = "stopped" | "killed" | "was gone";

type Waiting = Pick<Host, "sleep" | "monotonicMs">;

/** What the leader leaves behind gets no more than this of the grace, so that a stubborn daemon costs little. */
const LEFTOVER_GRACE_MS = 3000;
/** SIGKILL takes effect at once, unless the kernel itself holds the process. */
const KILL_WAIT_MS = 5000;

/**
 * Ends a process and everything that belongs to it. SIGTERM goes to the leader alone first, since a Java that shuts
 * down in order ends its children itself; what is left then gets SIGTERM, and after the grace SIGKILL. «killed» means
 * that the leader needed SIGKILL. Never rejects because something is gone, or because the process table cannot be read: it
 * then knows only those whose pids it has.
 */
export async function terminate(host: Waiting, leader: ProcessId, graceMs: number): Promise<StopOutcome> {
  let family = look(leader, []);
  if (!isAmong(family, leader)) {
    await endLeftovers(host, leader, family, graceMs);
    return "was gone";
  }
  sendSignal(leader, "SIGTERM");
  const deadline = host.monotonicMs() + graceMs;
  const ended = await waitFor(host, () => {
    // Looked at again and again: children of a leader that is gone can no longer be told from strangers.
    family = look(leader, family);
    return !isAmong(family, leader) || undefined;
  }, { timeoutMs: graceMs, intervalMs });
  await endLeftovers(host, leader, family, deadline - host.monotonicMs());
  return ended.kind === "done" ? "stopped" : "killed";
}

/** `graceMs` is what is left of the grace; with none left, SIGKILL follows at once. */
async function endLeftovers(host: Waiting, leader: ProcessId, first: ProcessId[], graceMs: number) {
  let family = first;
  const gone = () => {
    family = look(leader, family);
    return family.length === 0 || undefined;
  };
  if (family.length > 0 && graceMs > 0) {
    for (const member of family) sendSignal(member, "SIGTERM");
    await waitFor(host, gone, { timeoutMs: Math.min(graceMs, LEFTOVER_GRACE_MS), intervalMs });
  }
  await waitFor(host, () => {
    for (const member of family) sendSignal(member, "SIGKILL");
    return gone();
  }, { timeoutMs: KILL_WAIT_MS, intervalMs });
}

function look(leader: ProcessId, known: readonly ProcessId[]): ProcessId[] {
  const processes = listProcesses();
  const family = processes === undefined
    ? [leader, ...known].filter((one) => pulseOf(one) !== "dead" && pidTaken(one.pid))
    : processFamily(processes, leader, known);
  return family.filter(({ pid }) => pid !== Deno.pid);
}

function isAmong(family: readonly ProcessId[], leader: ProcessId): boolean {
  return family.some((entry) => sameProcess(entry, leader));
}

function intervalMs(count: number): number {
  return Math.min(25 * count, 250);
}

/** Sends a signal to a process that may be gone. */
export function sendSignal(process: ProcessId, signal: Deno.Signal): void {
  try {
    Deno.kill(process.pid, signal);
  } catch {
    // It ended between the look and the signal, or is not ours to end; what is left is seen by the next look.
  }
}
