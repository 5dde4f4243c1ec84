import { RunnerError } from "../../shared/program/errors.ts";
import { type AgentState, stateSchema } from "./agent_schema.ts";

/** The state file of one installation; readable by its owner alone, since the runner's secret is in it. */
export class StateFile {
  readonly #path: string;

  constructor(runnerHome: string) {
    this.#path = `${runnerHome}/state.json`;
  }

  /** The state, or undefined when no phase has left one. Throws `RunnerError` when it cannot be read. */
  async read(): Promise<AgentState | undefined> {
    try {
      return stateSchema.parse(JSON.parse(await Deno.readTextFile(this.#path)));
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return undefined;
      throw new RunnerError(`Cannot read the state of the phase before from ${this.#path}`, { cause });
    }
  }

  /** Replaces the state as a whole, so that a phase that is killed leaves the old one or the new one. */
  async write(state: AgentState): Promise<void> {
    const next = `${this.#path}.next`;
    try {
      await Deno.writeTextFile(next, JSON.stringify(state), { mode: 0o600 });
      await Deno.rename(next, this.#path);
    } catch (cause) {
      throw new RunnerError(`Cannot write ${this.#path}: ${cause instanceof Error ? cause.message : cause}`, {
        hint: "RUNNER_HOME must be a folder the build can write to, on a disk with space left",
        cause,
      });
    }
  }
}
