import { readFileSync } from "node:fs";
import type { Host } from "../../shared/program/host.ts";
import { valueOr } from "../../shared/program/value_or.ts";
import { type ProcessId, type Pulse, pulseOf, readArguments, readProcess } from "../process/process_table.ts";
import type { ContainerEvents } from "./container_events.ts";
import { docker } from "./docker_command.ts";

/** Milliseconds that a caller waits for Docker's answer; one that comes later counts for those who ask later. */
const PATIENCE_MS = 2000;
/** Milliseconds between two questions to Docker by all runners, so that the looking takes nothing from the build. */
const ASK_EVERY_MS = 60_000;

/**
 * Whether a container runs. Docker is asked where its process is, once; from then on the process table tells. Where
 * the process is not on this machine, Docker's events tell, and where there are none Docker is asked now and then. A daemon
 * that gives no answer is not death.
 */
export class ContainerPulse {
  readonly #host: Host;
  readonly #container: string;
  readonly #events: ContainerEvents;
  readonly #closing = new AbortController();
  #process: ProcessId | undefined;
  #answer: Pulse = "unknown";
  #asked: Promise<void> = Promise.resolve();
  #nextAskMs = -Infinity;

  constructor(host: Host, container: string, events: ContainerEvents) {
    this.#host = host;
    this.#container = container;
    this.#events = events;
  }

  /** The container's first process, once it is known and where it is on this machine. */
  get process(): ProcessId | undefined {
    return this.#process;
  }

  async pulse(): Promise<Pulse> {
    const pulse = this.#process === undefined ? "unknown" : pulseOf(this.#process);
    if (pulse !== "unknown") return pulse;
    if (this.#answer !== "dead" && this.#host.monotonicMs() >= this.#nextAskMs && !this.#saidToRun()) {
      this.#nextAskMs = this.#host.monotonicMs() + ASK_EVERY_MS * Math.max(1, this.#events.listeners);
      this.#asked = this.#ask();
    }
    await this.#asked;
    return this.#answer;
  }

  /** Docker has said that something happened to the container: the next look asks. */
  askAgain(): void {
    this.#nextAskMs = -Infinity;
  }

  close(): void {
    this.#closing.abort();
  }

  /** Whether Docker has answered once, and its events say no more than that. */
  #saidToRun(): boolean {
    return this.#answer === "alive" && [...this.#events.running?.values() ?? []].includes(this.#container);
  }

  /** Resolves with Docker's answer, or when patience is at its end. */
  async #ask(): Promise<void> {
    const patience = new AbortController();
    const answer = this.#inspect().then((pulse) => {
      this.#answer = pulse;
      patience.abort();
    });
    const late = this.#host.sleep(PATIENCE_MS, patience.signal).then(() => {
      this.#answer = "unknown";
    }, () => {});
    await Promise.race([answer, late]);
  }

  async #inspect(): Promise<Pulse> {
    const format = "{{.State.Running}} {{.State.Pid}} {{.Id}}";
    const args = ["container", "inspect", "--format", format, this.#container];
    const result = await docker(this.#host, args, { signal: this.#closing.signal }).catch(() => undefined);
    if (result === undefined) return "unknown";
    if (result.exitCode !== 0) return /no such (object|container)/i.test(result.stderr) ? "dead" : "unknown";
    const [running, pid = "", id = ""] = result.stdout.split(" ");
    if (running !== "true") return running === "false" ? "dead" : "unknown";
    this.#process = containerProcess(Number(pid), id);
    return "alive";
  }
}

/** The process with a pid if it is a container's; the pids of a daemon elsewhere mean other processes here. */
function containerProcess(pid: number, containerId: string): ProcessId | undefined {
  const entry = readProcess(pid);
  if (typeof entry !== "object" || containerId === "") return undefined;
  const cgroups = valueOr("", () => readFileSync(`/proc/${pid}/cgroup`, "utf8"));
  const ours = cgroups.includes(containerId) || readArguments(entry.parent).includes(containerId);
  return ours ? { pid, startTime: entry.startTime } : undefined;
}
