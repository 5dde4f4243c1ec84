import type { Host } from "../../shared/program/host.ts";
import { waitFor } from "../../shared/program/wait.ts";
import { launchDetached } from "../process/launch_detached.ts";
import { listProcesses, type ProcessId, pulseOf, readArguments } from "../process/process_table.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";
import type { ContainerEvents } from "./container_events.ts";
import { docker } from "./docker_command.ts";

/**
 * `docker logs` begins with the first line each time; as the file holds nothing but the same bytes, its size says how
 * many of them to pass over, also in the middle of a line. `dd` takes not one byte too many from the pipe, and `cat`
 * writes at once, where `tail -c` would wait for a full buffer. The last `exit` keeps the shell, by whose arguments
 * it is found, until `cat` is through. What the shell itself says, as «Killed», must not get into the file.
 */
const FOLLOW_SCRIPT =
  'exec 2>/dev/null; docker logs --follow "$1" 2>&1 | { dd bs=1 count="$2" of=/dev/null; cat; exit; }';

/** A container ends a moment before the last of its output has arrived. */
const LAST_OUTPUT_MS = 10_000;
/** Milliseconds for a question on whose answer a caller waits. */
const LOOK_TIMEOUT_MS = 2000;
/** Milliseconds until the next attempt to carry the output: twice as many after each, up to a minute of each. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Carries a container's output to the log file, without a gap and without a line twice. What does so outlives the
 * program; a later phase finds it by its arguments, once, and from then on knows its process.
 */
export class OutputCarrier {
  readonly #host: Host;
  readonly #container: string;
  readonly #logFile: string;
  readonly #events: ContainerEvents;
  #carrier: ProcessId | undefined;
  #complete = false;
  #pauseMs = FIRST_PAUSE_MS;
  #attemptedMs = -Infinity;

  constructor(host: Host, container: string, logFile: string, events: ContainerEvents) {
    this.#host = host;
    this.#events = events;
    this.#container = container;
    this.#logFile = logFile;
  }

  /** Sees to it that the output is carried; when the container has `ended`, that all of it is in the file. */
  async keepUp(ended: boolean): Promise<void> {
    if (this.#complete || !ended && (this.#carried() || !this.#mayAttempt())) return;
    // Docker's complaint would end up in the runner's log, and a daemon that hangs is not waited for.
    if (!await this.#dockerHasIt()) return;
    if (!this.#carried()) await this.#carry();
    if (!ended) return;
    const look = () => this.#carried() ? undefined : true;
    await waitFor(this.#host, look, { timeoutMs: LAST_OUTPUT_MS, intervalMs: () => 50 });
    this.#complete = true;
  }

  /** Whether something carries the output, or at least nobody can tell that nothing does. */
  #carried(): boolean {
    if (this.#carrier !== undefined && pulseOf(this.#carrier) !== "dead") return true;
    const processes = listProcesses();
    this.#carrier = processes?.find(({ pid }) => carriesOutputOf(this.#container, readArguments(pid)));
    return processes === undefined || this.#carrier !== undefined;
  }

  #mayAttempt(): boolean {
    const sinceMs = this.#host.monotonicMs() - this.#attemptedMs;
    // A daemon that is away costs all runners together no more than one.
    const longestMs = this.#events.running === undefined
      ? LONGEST_PAUSE_MS * Math.max(1, this.#events.listeners)
      : LONGEST_PAUSE_MS;
    if (sinceMs < Math.min(this.#pauseMs, longestMs)) return false;
    this.#pauseMs = sinceMs > longestMs ? FIRST_PAUSE_MS : Math.min(2 * this.#pauseMs, longestMs);
    this.#attemptedMs = this.#host.monotonicMs();
    return true;
  }

  async #dockerHasIt(): Promise<boolean> {
    const args = ["container", "inspect", "--format", "{{.Id}}", this.#container];
    return (await docker(this.#host, args, { timeoutMs: LOOK_TIMEOUT_MS })).exitCode === 0;
  }

  async #carry(): Promise<void> {
    const passOver = await sizeOf(this.#logFile);
    const args = ["-c", FOLLOW_SCRIPT, "follow-output", this.#container, `${passOver}`];
    const env = runnerEnvironment(this.#host.env);
    this.#carrier = await launchDetached("/bin/sh", args, { env, cwd: "/", outputFile: this.#logFile });
  }
}

/** Either counts: the shells, which are there first and last, or the client, should they have been killed. */
function carriesOutputOf(container: string, words: readonly string[]): boolean {
  return words.includes(container) &&
    (words.includes("follow-output") || words.slice(-3).join(" ") === `logs --follow ${container}`);
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await Deno.stat(file)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
