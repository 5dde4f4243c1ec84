import { withDescendants } from "./process_family.ts";
import { type ProcessEntry, type ProcessId, readEnvironment, sameProcess } from "./process_table.ts";

/** By what it is told which processes are left of something that a leader ran and that is over. */
export interface Traces {
  /** NAME=value that all it started has in its environment. */
  readonly variable: string;
  /** Ticks since boot when it was heard to begin, see `ticksSinceBoot()`. */
  readonly beganTicks: number;
  /** What was part of the leader before, as `pid:startTime`. */
  readonly known: ReadonlySet<string>;
}

export interface LeftProcess {
  readonly process: ProcessEntry;
  /** Whether it is beyond doubt that nothing else needs it. */
  readonly safe: boolean;
}

/** That it began is heard up to five seconds late, in ticks; what carries its variable cannot be older than it. */
const HEARD_LATE = 500;
/** What carries everybody's containers, or is the build host's own; the table has 15 characters of a name. */
const SHARED =
  /^(dockerd|containerd|containerd-shim|docker-proxy|docker-init|runc|codebuild.*|amazon-ssm.*|ssm-.*)$/;

/**
 * What still runs of it: below the leader in sessions of their own, or anywhere with its variable, and whatever these have
 * started. Nothing that was there before it began, that the leader runs in its own session, or that this program needs.
 */
export function leftBehind(
  processes: readonly ProcessEntry[],
  leader: ProcessId,
  traces: Traces,
): LeftProcess[] {
  const own = processes.find((entry) => sameProcess(entry, leader));
  const below = withDescendants(processes, own === undefined ? [] : [own]);
  const upwards = ancestorsOf(processes, Deno.pid);
  const shared = withDescendants(processes, processes.filter(({ name }) => SHARED.test(name)));
  const isNew = (entry: ProcessEntry, ticks: number) =>
    Number(entry.startTime) > ticks && !traces.known.has(`${entry.pid}:${entry.startTime}`) &&
    entry !== own && !upwards.has(entry.pid);
  const roots = processes.filter((entry) => {
    if (!isNew(entry, traces.beganTicks - HEARD_LATE)) return false;
    if (readEnvironment(entry.pid).includes(traces.variable)) return true;
    return isNew(entry, traces.beganTicks) && below.has(entry.pid) && entry.session !== own?.session;
  });
  return [...withDescendants(processes, roots).values()]
    .filter((entry) => isNew(entry, traces.beganTicks - HEARD_LATE))
    .map((process) => ({ process, safe: !shared.has(process.pid) }));
}

/** A process and all above it, up to the first. */
function ancestorsOf(processes: readonly ProcessEntry[], pid: number): ReadonlySet<number> {
  const parents = new Map(processes.map((entry) => [entry.pid, entry.parent]));
  const found = new Set<number>();
  for (let next: number | undefined = pid; next !== undefined && !found.has(next); next = parents.get(next)) {
    found.add(next);
  }
  return found;
}
