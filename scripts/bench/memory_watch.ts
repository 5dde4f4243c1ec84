import { type Role, roleOf } from "./role_of_process.ts";

/** The peak resident memory of one process, in megabytes (10^6 bytes). */
export interface Peak {
  readonly role: Role;
  readonly mb: number;
}

const EVERY_MS = 10;
const SHELL = /(^|\/)(sh|bash|dash|busybox|env)$/;

/**
 * Notes the peak resident memory of every process of the programs that has a variable in its environment, as in
 * `NAME=value`, until it is stopped. The kernel keeps the peak (VmHWM of /proc/PID/status, proc(5)); it is read again and again
 * until the process is gone.
 */
export class MemoryWatch {
  readonly #mark: string;
  readonly #peaks = new Map<number, Peak>();
  readonly #others = new Set<number>();
  readonly #timer = setInterval(() => this.#look(), EVERY_MS);

  constructor(mark: string) {
    this.#mark = mark;
  }

  /** Those seen so far. */
  get peaks(): Peak[] {
    return [...this.#peaks.values()];
  }

  stop(): Peak[] {
    clearInterval(this.#timer);
    return this.peaks;
  }

  #look(): void {
    for (const pid of pids()) {
      const role = this.#peaks.get(pid)?.role ?? this.#recognise(pid);
      const mb = role === undefined ? undefined : peakMb(read(`/proc/${pid}/status`));
      if (role !== undefined && mb !== undefined) this.#peaks.set(pid, { role, mb });
    }
  }

  /** A shell may yet become one of the programs; everything else is looked at once. */
  #recognise(pid: number): Role | undefined {
    if (this.#others.has(pid)) return undefined;
    const args = words(pid, "cmdline");
    const role = words(pid, "environ").includes(this.#mark) ? roleOf(args) : undefined;
    if (role === undefined && !SHELL.test(args[0] ?? "sh")) this.#others.add(pid);
    return role;
  }
}

/** The peak in the text of /proc/PID/status; undefined for a process that is only waiting to be collected. */
export function peakMb(status: string): number | undefined {
  const kib = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024 / 1e6;
}

function pids(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => pid > 0);
}

function words(pid: number, file: "cmdline" | "environ"): string[] {
  return read(`/proc/${pid}/${file}`).split("\0").slice(0, -1);
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // Gone in the meantime, or somebody else's.
    return "";
  }
}
