import type { ContainerEvents, NamesById } from "./container_events.ts";
import { namesOf, type RunnerContainers } from "./docker_clean_up.ts";

/** The running containers of one runner's steps, of all that run on the machine. */
export class StepContainers {
  readonly #events: ContainerEvents;
  readonly #runner: RunnerContainers;
  #all: NamesById | undefined;
  #steps: NamesById = new Map();

  constructor(events: ContainerEvents, runner: RunnerContainers) {
    this.#events = events;
    this.#runner = runner;
  }

  /** Their ids; undefined until Docker has answered, and while its stream of events is broken. */
  ids(): readonly string[] | undefined {
    this.#events.keepGoing();
    return this.#events.running === undefined ? undefined : [...this.#present().keys()];
  }

  /** The names of those that belong to a step; none while that cannot be told. */
  namesOf(stepUuid: string): readonly string[] {
    const uuid = stepUuid.replace(/[{}]/g, "").toLowerCase();
    return [...this.#present().values()].filter((name) => name.toLowerCase().includes(uuid));
  }

  #present(): NamesById {
    const all = this.#events.running;
    if (all === this.#all) return this.#steps;
    this.#all = all;
    return this.#steps = new Map([...all ?? []].filter(([, name]) => this.#isStep(name)));
  }

  #isStep(name: string): boolean {
    return name !== this.#runner.container && namesOf(name, this.#runner).length > 0;
  }
}
