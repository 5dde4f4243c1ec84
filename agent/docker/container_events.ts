import type { Host } from "../../shared/program/host.ts";
import { streamLines } from "../process/process.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";
import { docker } from "./docker_command.ts";

/** A stream that breaks is started again no sooner than that after its start, so that a daemon that is away costs little. */
const START_EVERY_MS = 60_000;

const EVENTS = ["events", "--filter", "type=container", "--filter", "event=start", "--filter", "event=die"];

/** The names of containers by their ids. */
export type NamesById = ReadonlyMap<string, string>;

/**
 * Which containers run on the machine, for all runners of a build: one look at all of them, then one stream of Docker's
 * events. Nothing runs while nobody listens.
 */
export class ContainerEvents {
  readonly #host: Host;
  readonly #listeners = new Set<(name: string) => void>();
  #running: NamesById = new Map();
  /** Those that ended before the look at all containers was answered, which may still call them running. */
  readonly #ended = new Set<string>();
  #known = false;
  #stream: { readonly end: () => void; readonly look: AbortController } | undefined;
  #nextStartMs = -Infinity;

  constructor(host: Host) {
    this.#host = host;
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Another map after each change; undefined until Docker has answered, and while the stream is broken. */
  get running(): NamesById | undefined {
    return this.#known ? this.#running : undefined;
  }

  /** From now on `onEnd` is told the name of each container that ends, until the function returned is called. */
  listen(onEnd: (name: string) => void): () => void {
    this.#listeners.add(onEnd);
    return () => {
      if (this.#listeners.delete(onEnd) && this.#listeners.size === 0) this.#stop();
    };
  }

  /** Starts the stream where there is none, as far as somebody listens and it is time. */
  keepGoing(): void {
    if (this.#stream !== undefined || this.#listeners.size === 0) return;
    if (this.#host.monotonicMs() >= this.#nextStartMs) this.#start();
  }

  /** Who listens next is not to wait for the answer. */
  #stop(): void {
    this.#stream?.end();
    this.#broken();
    this.#nextStartMs = -Infinity;
  }

  #broken(): void {
    this.#stream?.look.abort();
    this.#stream = undefined;
    this.#known = false;
  }

  #start(): void {
    this.#nextStartMs = this.#host.monotonicMs() + START_EVERY_MS;
    this.#running = new Map();
    this.#ended.clear();
    // What happens until the stream is there is in Docker's memory, and comes first.
    const since = `${Math.floor(this.#host.now() / 1000)}`;
    const format = '{{.Action}} {{.Actor.ID}} {{index .Actor.Attributes "name"}}';
    const look = new AbortController();
    const end = streamLines("docker", [...EVENTS, "--since", since, "--format", format], {
      env: runnerEnvironment(this.#host.env),
      onLine: (line) => {
        if (!look.signal.aborted) this.#note(line);
      },
      onEnd: () => {
        if (this.#stream?.look === look) this.#broken();
      },
    });
    this.#stream = { end, look };
    void this.#lookAtAll(look.signal).catch(() => end());
  }

  #note(line: string): void {
    const [action, id = "", name = ""] = line.split(" ");
    const running = new Map(this.#running);
    if (action === "start") {
      running.set(id, name);
      this.#ended.delete(id);
    } else {
      running.delete(id);
      if (!this.#known) this.#ended.add(id);
    }
    this.#running = running;
    if (action === "die") { for (const onEnd of this.#listeners) onEnd(name); }
  }

  async #lookAtAll(signal: AbortSignal): Promise<void> {
    const args = ["ps", "--no-trunc", "--format", "{{.ID}} {{.Names}}"];
    const list = await docker(this.#host, args, { signal });
    if (list.exitCode !== 0) throw new Error("Docker gave no answer");
    if (signal.aborted) return;
    const there = list.stdout.split("\n").map((line) => line.split(" ") as [string, string | undefined])
      .flatMap(([id, name]): [string, string][] =>
        name === undefined || this.#ended.has(id) ? [] : [[id, name]]
      );
    this.#running = new Map([...there, ...this.#running]);
    this.#ended.clear();
    this.#known = true;
  }
}
