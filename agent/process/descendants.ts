import { readFileSync } from "node:fs";
import type { Host } from "../../shared/program/host.ts";
import { valueOr } from "../../shared/program/value_or.ts";
import { withDescendants } from "./process_family.ts";
import { listPids, type ProcessEntry, type ProcessId, pulseOf, readProcess } from "./process_table.ts";

/** Listings until strangers are looked at anew, since a new process may have got the pid of one. */
const FORGET_EVERY = 60;

/** Looks no further apart than this are one, in milliseconds: whoever looks at the same moment sees the same. */
const MOMENT_MS = 20;

interface Leader {
  readonly process: ProcessId;
  below: readonly ProcessEntry[];
}

/**
 * Looks again and again at what some processes have running below themselves, by parent links, so that sessions of their own
 * do not hide it. Each look is one for all of them and reads only what may have changed: a tenth of the time that reading
 * the whole table would take.
 */
export class Descendants {
  readonly #host: Pick<Host, "monotonicMs">;
  readonly #leaders = new Map<string, Leader>();
  /** The pids of those that are below no leader, and cannot come there, since parents only change upwards. */
  readonly #strangers = new Set<number>();
  #listings = 0;
  /** Newest pids of the machine at the last two looks. */
  #newest: readonly (string | undefined)[] = [];
  #lookedMs = -Infinity;
  #told = false;

  constructor(host: Pick<Host, "monotonicMs">) {
    this.#host = host;
  }

  /** The descendants of a process that run now, without itself; undefined when that cannot be told. */
  of(process: ProcessId): readonly ProcessId[] | undefined {
    const pulse = pulseOf(process);
    if (pulse === "dead") this.forget(process);
    if (pulse !== "alive") return pulse === "dead" ? [] : undefined;
    const leader = this.#leaders.get(keyOf(process)) ?? this.#add(process);
    if (this.#host.monotonicMs() >= this.#lookedMs + MOMENT_MS) this.#look();
    return this.#told ? leader.below : undefined;
  }

  /** Looks no longer at what a process has running. */
  forget(process: ProcessId): void {
    this.#leaders.delete(keyOf(process));
  }

  /** What it has running may be among those that were strangers so far. */
  #add(process: ProcessId): Leader {
    const leader = { process, below: [] };
    this.#leaders.set(keyOf(process), leader);
    this.#strangers.clear();
    this.#newest = [];
    this.#lookedMs = -Infinity;
    return leader;
  }

  #look(): void {
    const leaders = [...this.#leaders.values()];
    const known = leaders.flatMap(({ below }) => below);
    const newcomers = this.#newcomers(known);
    const entries = newcomers === undefined ? undefined : readAll([...known, ...newcomers]);
    this.#told = entries !== undefined;
    if (entries === undefined) {
      this.#newest = [];
      return;
    }
    for (const { pid } of newcomers ?? []) this.#strangers.add(pid);
    for (const leader of leaders) {
      const children = entries.filter(({ parent }) => parent === leader.process.pid);
      leader.below = [...withDescendants(entries, children).values()];
      for (const { pid } of leader.below) this.#strangers.delete(pid);
    }
    this.#lookedMs = this.#host.monotonicMs();
  }

  /** Processes that no look has seen; undefined when the table cannot be read. */
  #newcomers(known: readonly ProcessEntry[]): { pid: number }[] | undefined {
    const newest = newestPid();
    // Once more after the last change: a pid is given out a moment before its process is in the table.
    const settled = newest !== undefined && this.#newest.length === 2 &&
      this.#newest.every((pid) => pid === newest);
    this.#newest = [...this.#newest.slice(-1), newest];
    if (settled) return [];
    const pids = listPids();
    if (pids === undefined || !pids.includes(Deno.pid)) return undefined;
    this.#forgetEnded(pids);
    const seen = new Set(
      [...known, ...[...this.#leaders.values()].map(({ process }) => process)].map(({ pid }) => pid),
    );
    return pids.filter((pid) => !seen.has(pid) && !this.#strangers.has(pid)).map((pid) => ({ pid }));
  }

  #forgetEnded(pids: readonly number[]): void {
    if (this.#listings++ % FORGET_EVERY === 0) return this.#strangers.clear();
    const present = new Set(pids);
    for (const pid of this.#strangers) if (!present.has(pid)) this.#strangers.delete(pid);
  }
}

function keyOf({ pid, startTime }: ProcessId): string {
  return `${pid}:${startTime}`;
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
