import type { Host } from "../../shared/program/host.ts";
import { streamLines } from "../process/process.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";
import { namesOf, type RunnerContainers } from "./docker_clean_up.ts";
import { docker } from "./docker_command.ts";

/** A stream that breaks is started again no sooner than that after its start, so that a daemon that is away costs little. */
const START_EVERY_MS = 60_000;

const EVENTS = ["events", "--filter", "type=container", "--filter", "event=start", "--filter", "event=die"];

/** The running containers of a runner's steps: one look at all containers, then one stream of Docker's events. */
export class StepContainers {
  readonly #host: Host;
  readonly #runner: RunnerContainers;
  readonly #onOwnEnd: () => void;
  /** Their names by their ids. */
  readonly #running = new Map<string, string>();
  /** Those that ended before the look at all containers was answered, which may still call them running. */
  readonly #ended = new Set<string>();
  #known = false;
  #stream: { end: () => void; look: AbortController } | undefined;
  #nextStartMs = -Infinity;

  /** `onOwnEnd` is told when the runner's own container ends. */
  constructor(host: Host, runner: RunnerContainers, onOwnEnd: () => void) {
    this.#host = host;
    this.#runner = runner;
    this.#onOwnEnd = onOwnEnd;
  }

  /** Their ids; undefined until Docker has answered, and while its stream of events is broken. */
  ids(): readonly string[] | undefined {
    if (this.#stream === undefined && this.#host.monotonicMs() >= this.#nextStartMs) this.#start();
    return this.#known ? [...this.#running.keys()] : undefined;
  }

  /** The names of those that belong to a step, as far as is known. */
  namesOf(stepUuid: string): readonly string[] {
    const uuid = stepUuid.replace(/[{}]/g, "").toLowerCase();
    return [...this.#running.values()].filter((name) => name.toLowerCase().includes(uuid));
  }

  close(): void {
    this.#nextStartMs = Infinity;
    this.#stream?.end();
    this.#stream?.look.abort();
  }

  #start(): void {
    this.#nextStartMs = this.#host.monotonicMs() + START_EVERY_MS;
    this.#running.clear();
    // What happens until the stream is there is in Docker's memory, and comes first.
    const since = `${Math.floor(this.#host.now() / 1000)}`;
    const format = '{{.Action}} {{.Actor.ID}} {{index .Actor.Attributes "name"}}';
    const look = new AbortController();
    const end = streamLines("docker", [...EVENTS, "--since", since, "--format", format], {
      env: runnerEnvironment(this.#host.env),
      onLine: (line) => this.#note(line),
      onEnd: () => {
        this.#known = false;
        this.#stream = undefined;
        look.abort();
      },
    });
    this.#stream = { end, look };
    void this.#lookAtAll(look.signal).catch(() => end());
  }

  #note(line: string): void {
    const [action, id = "", name = ""] = line.split(" ");
    if (name === this.#runner.container && action === "die") this.#onOwnEnd();
    if (!this.#isStep(name)) return;
    if (action === "start") {
      this.#running.set(id, name);
      this.#ended.delete(id);
    } else {
      this.#running.delete(id);
      if (!this.#known) this.#ended.add(id);
    }
  }

  async #lookAtAll(signal: AbortSignal): Promise<void> {
    const args = ["ps", "--no-trunc", "--format", "{{.ID}} {{.Names}}"];
    const list = await docker(this.#host, args, { signal });
    if (list.exitCode !== 0) throw new Error("Docker gave no answer");
    for (const line of list.stdout.split("\n")) {
      const [id = "", name = ""] = line.split(" ");
      if (this.#isStep(name) && !this.#ended.has(id)) this.#running.set(id, name);
    }
    this.#ended.clear();
    this.#known = true;
  }

  #isStep(name: string): boolean {
    return name !== this.#runner.container && namesOf(name, this.#runner).length > 0;
  }
}
