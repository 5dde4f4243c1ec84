import { parseProcess, type ProcessEntry } from "../../agent/process/process_table.ts";

/** What processes took of the machine between the start and the end of a watch. */
export interface Taken {
  /** Of one core, 100 being all of it. */
  readonly percent: number;
  readonly processesStarted: number;
}

/** Processes that live shorter may be missed; what they took of the CPU is counted all the same. */
const EVERY_MS = 5;
const TICKS_PER_SECOND = 100;

/**
 * Adds up the CPU that processes and their children take (utime, stime, cutime and cstime of /proc/PID/stat, proc(5)), and
 * counts the children they start.
 */
export class CpuWatch {
  readonly #pids: readonly number[];
  readonly #begun = performance.now();
  readonly #children = new Set<number>();
  readonly #before: number;
  readonly #childrenBefore: number;
  readonly #timer = setInterval(() => this.#noteChildren(), EVERY_MS);

  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#noteChildren();
    this.#childrenBefore = this.#children.size;
    this.#before = this.#ticks();
  }

  stop(): Taken {
    clearInterval(this.#timer);
    const seconds = (performance.now() - this.#begun) / 1000;
    const percent = (this.#ticks() - this.#before) / TICKS_PER_SECOND / seconds * 100;
    return { percent, processesStarted: this.#children.size - this.#childrenBefore };
  }

  #noteChildren(): void {
    for (const pid of this.#pids.flatMap(childrenOf)) this.#children.add(pid);
  }

  /** What children that have ended took is in their parents' figures. */
  #ticks(): number {
    // One of them may be the child of another.
    const pids = new Set([...this.#pids, ...this.#pids.flatMap(childrenOf)]);
    return [...pids].map(ticksOf).reduce((sum, one) => sum + one, 0);
  }
}

/** All processes that this program can see. */
export function allProcesses(): ProcessEntry[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name))
    .flatMap(({ name }) => parseProcess(read(`/proc/${name}/stat`)) ?? []);
}

function childrenOf(pid: number): number[] {
  try {
    const threads = [...Deno.readDirSync(`/proc/${pid}/task`)];
    const lists = threads.map(({ name }) => read(`/proc/${pid}/task/${name}/children`));
    return lists.flatMap((list) => list.split(" ").map(Number).filter((child) => child > 0));
  } catch {
    return [];
  }
}

function ticksOf(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
  return fields.slice(11, 15).map(Number).reduce((sum, one) => sum + one, 0);
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // Gone in the meantime.
    return "";
  }
}
