import { runCommand } from "./process.ts";

/** A process, told apart from a later one with the same pid. */
export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks from boot to the process's start (proc(5)). */
  readonly startTime: string;
}

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

const LOOK_TIMEOUT_MS = 10_000;

/** Whether the very process is still running; one that has ended but was not collected by its parent is not. */
export async function processAlive(process: ProcessId): Promise<boolean> {
  const entry = await readProcess(process.pid);
  return entry !== undefined && entry.startTime === process.startTime && !entry.zombie;
}

/** The process with a pid, zombies included, or undefined when there is none. */
export async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  return parseProcesses(await readProc(`cat ${pid}/stat`))[0];
}

/** All processes the program can see, zombies left out. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  return parseProcesses(await readProc("cat [0-9]*/stat")).filter((entry) => !entry.zombie);
}

/** The arguments a process was started with, program first; empty when it is gone. */
export async function readArguments(pid: number): Promise<string[]> {
  return (await readProc(`cat ${pid}/cmdline`)).split("\0").slice(0, -1);
}

/** The pids of processes that have a word somewhere in their arguments. */
export async function pidsMentioning(word: string): Promise<number[]> {
  // The word comes as input, since it would otherwise be found in the arguments of the search itself.
  const found = await readProc("grep -lF -f - [0-9]*/cmdline", `${word}\n`);
  return found.split("\n").filter((line) => line !== "").map((line) => Number.parseInt(line));
}

/** Reads the text of /proc/PID/stat files, one a line, as proc(5) describes them. */
export function parseProcesses(text: string): ProcessEntry[] {
  return text.split("\n").flatMap((line) => {
    // The name stands in brackets and may itself hold brackets and spaces.
    const match = /^(\d+) \((.*)\) (\S .*)$/.exec(line);
    if (match === null) return [];
    const [, pid = "", name = "", rest = ""] = match;
    const fields = rest.split(" ");
    return [{
      pid: Number(pid),
      name,
      zombie: /^[ZXx]$/.test(fields[0] ?? ""),
      parent: Number(fields[1]),
      group: Number(fields[2]),
      session: Number(fields[3]),
      startTime: fields[19] ?? "",
    }];
  });
}

/** Through a command, since Deno opens files below /proc only to programs that have all permissions. */
async function readProc(command: string, input = ""): Promise<string> {
  const script = `cd /proc && ${command} 2>/dev/null`;
  const options = { env: {}, timeoutMs: LOOK_TIMEOUT_MS, input };
  return (await runCommand("/bin/sh", ["-c", script], options)).stdout;
}
