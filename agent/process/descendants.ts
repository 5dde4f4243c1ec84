import { readFileSync } from "node:fs";
import { valueOr } from "../../shared/program/value_or.ts";
import { withDescendants } from "./process_family.ts";
import { listPids, type ProcessEntry, type ProcessId, pulseOf, readProcess } from "./process_table.ts";

/** Listings until strangers are looked at anew, since a new process may have got the pid of one. */
const FORGET_EVERY = 60;

/**
 * Looks again and again at what a process has running below itself, by parent links, so that sessions of their own do not
 * hide it. Each look reads only what may have changed: a tenth of the time that reading the whole table would take.
 */
export class Descendants {
  readonly #leader: ProcessId;
  #known: readonly ProcessEntry[] = [];
  /** The pids of those that are not below the leader, and cannot come there, since parents only change upwards. */
  readonly #strangers = new Set<number>();
  #listings = 0;
  /** Newest pids of the machine at the last two looks. */
  #newest: readonly (string | undefined)[] = [];

  constructor(leader: ProcessId) {
    this.#leader = leader;
  }

  /** The descendants that run now, without the process itself; undefined when that cannot be told. */
  look(): readonly ProcessId[] | undefined {
    const pulse = pulseOf(this.#leader);
    if (pulse === "dead") return [];
    const newcomers = pulse === "alive" ? this.#newcomers() : undefined;
    const entries = newcomers === undefined ? undefined : readAll([...this.#known, ...newcomers]);
    if (entries === undefined) {
      this.#newest = [];
      return undefined;
    }
    const children = entries.filter(({ parent }) => parent === this.#leader.pid);
    this.#known = [...withDescendants(entries, children).values()];
    for (const { pid } of newcomers ?? []) this.#strangers.add(pid);
    for (const { pid } of this.#known) this.#strangers.delete(pid);
    return this.#known;
  }

  /** Processes that no look has seen; undefined when the table cannot be read. */
  #newcomers(): { pid: number }[] | undefined {
    const newest = newestPid();
    // Once more after the last change: a pid is given out a moment before its process is in the table.
    const settled = newest !== undefined && this.#newest.length === 2 &&
      this.#newest.every((pid) => pid === newest);
    this.#newest = [...this.#newest.slice(-1), newest];
    if (settled) return [];
    const pids = listPids();
    if (pids === undefined || !pids.includes(Deno.pid)) return undefined;
    this.#forget(pids);
    const known = new Set(this.#known.map(({ pid }) => pid));
    return pids.filter((pid) => !known.has(pid) && !this.#strangers.has(pid) && pid !== this.#leader.pid)
      .map((pid) => ({ pid }));
  }

  #forget(pids: readonly number[]): void {
    if (this.#listings++ % FORGET_EVERY === 0) return this.#strangers.clear();
    const present = new Set(pids);
    for (const pid of this.#strangers) if (!present.has(pid)) this.#strangers.delete(pid);
  }
}

/** Those that run, read anew; undefined when one of them cannot be read. */
function readAll(processes: readonly { pid: number }[]): ProcessEntry[] | undefined {
  const entries = processes.map(({ pid }) => readProcess(pid));
  if (entries.includes("unknown")) return undefined;
  return entries.filter((entry) => typeof entry === "object").filter(({ zombie }) => !zombie);
}

/** The newest pid of the machine: as long as it stays the same, there is no new process (proc(5), /proc/loadavg). */
function newestPid(): string | undefined {
  return valueOr(undefined, () => readFileSync("/proc/loadavg", "utf8").trim().split(" ").at(-1));
}
