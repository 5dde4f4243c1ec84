import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { kill } from "node:process";
import { valueOr } from "../../shared/program/value_or.ts";

/** A process, told apart from a later one with the same pid. */
export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks from boot to the process's start (proc(5)); UNKNOWN_START fits any. */
  readonly startTime: string;
}

/** Whether a process still runs; «unknown» when nobody could look, which is not death. */
export type Pulse = "alive" | "dead" | "unknown";

/** One line of the machine's process table. */
export interface ProcessEntry extends ProcessId {
  /** The first 15 characters of the program's file name. */
  readonly name: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** It has ended, and only its parent's look at its exit code is missing. */
  readonly zombie: boolean;
}

/** The start time of a process that could not be looked up when it started. */
export const UNKNOWN_START = "unknown";

/** The same on all architectures that Linux has today (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** More than the longest /proc/PID/stat. */
const buffer = new Uint8Array(4096);
const decoder = new TextDecoder();

/** Whether two records mean one process. */
export function sameProcess(one: ProcessId, other: ProcessId): boolean {
  const startTimes = [one.startTime, other.startTime];
  return one.pid === other.pid && (one.startTime === other.startTime || startTimes.includes(UNKNOWN_START));
}

/**
 * Whether the very process still runs; one that has ended but was not collected by its parent does not. «dead» is said
 * only where it is certain: a table that cannot be read, or shows nothing, is «unknown».
 */
export function pulseOf(process: ProcessId): Pulse {
  const entry = readProcess(process.pid);
  if (entry === "unknown") return "unknown";
  if (entry === "none") return tableReadable() && !pidTaken(process.pid) ? "dead" : "unknown";
  return sameProcess(entry, process) && !entry.zombie ? "alive" : "dead";
}

/** The process with a pid, zombies included; «none» when the table has no such entry, «unknown» when it could not be read. */
export function readProcess(pid: number): ProcessEntry | "none" | "unknown" {
  try {
    return parseProcess(readStat(pid)) ?? "unknown";
  } catch (error) {
    return codeOf(error) === "ENOENT" || codeOf(error) === "ESRCH" ? "none" : "unknown";
  }
}

/** All processes that the program can see, zombies left out; undefined when the table cannot be read. */
export function listProcesses(): ProcessEntry[] | undefined {
  const entries = listPids()?.map(readProcess).filter((entry) => typeof entry === "object");
  const readable = entries?.some(({ pid }) => pid === Deno.pid) ?? false;
  return readable ? entries?.filter(({ zombie }) => !zombie) : undefined;
}

/** The pids in the table; undefined when it cannot be read. */
export function listPids(): number[] | undefined {
  return valueOr(undefined, () => readdirSync("/proc").map(Number).filter((pid) => pid > 0));
}

/** The arguments a process was started with, program first; empty when it is gone or they cannot be read. */
export function readArguments(pid: number): string[] {
  return valueOr([], () => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1));
}

/** The environment a process was started with, as NAME=value; empty when it is gone or may not be read. */
export function readEnvironment(pid: number): string[] {
  return valueOr([], () => readFileSync(`/proc/${pid}/environ`, "utf8").split("\0"));
}

/** Clock ticks since boot, as start times count them; Infinity where the machine does not tell (proc(5), /proc/uptime). */
export function ticksSinceBoot(): number {
  const seconds = valueOr(Infinity, () => parseFloat(readFileSync("/proc/uptime", "utf8")));
  return Math.round(seconds * TICKS_PER_SECOND);
}

/** Whether the kernel knows a process with a pid, a zombie too; does without the process table. */
export function pidTaken(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

/** Reads a line of /proc/PID/stat, as proc(5) describes it; undefined for any other text. */
export function parseProcess(line: string): ProcessEntry | undefined {
  // The name stands in brackets and may itself hold brackets, spaces and line ends.
  const match = /^(\d+) \((.*)\) (\S .*)$/s.exec(line.trimEnd());
  if (match === null) return undefined;
  const [, pid = "", name = "", rest = ""] = match;
  const fields = rest.split(" ");
  const startTime = fields[19];
  if (startTime === undefined) return undefined;
  return {
    pid: Number(pid),
    name,
    zombie: /^[ZXx]$/.test(fields[0] ?? ""),
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTime,
  };
}

function tableReadable(): boolean {
  return typeof readProcess(Deno.pid) === "object";
}

function readStat(pid: number): string {
  const file = openSync(`/proc/${pid}/stat`, "r");
  try {
    return decoder.decode(buffer.subarray(0, readSync(file, buffer)));
  } finally {
    closeSync(file);
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
