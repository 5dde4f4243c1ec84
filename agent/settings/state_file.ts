import { RunnerError } from "../../shared/program/errors.ts";
import { cannotWrite } from "./cannot_write.ts";
import { readSmallJson } from "./small_json.ts";
import { type AgentState, stateFileSchema, type StateSecrets } from "./agent_schema.ts";

/** The numbers of the runners of which a phase has left a state, by their files; the first where that cannot be told. */
export async function numbersWithState(runnerHome: string): Promise<number[]> {
  try {
    const names = (await Array.fromAsync(Deno.readDir(runnerHome))).map(({ name }) => name);
    return names.flatMap((name) => {
      const [, number] = /^state(?:-([2-9]|[1-9][0-9]))?\.json$/.exec(name) ?? [undefined, "none"];
      return number === "none" ? [] : [Number(number ?? 1)];
    }).sort((one, other) => one - other);
  } catch (error) {
    // Reading its state says what is wrong.
    return error instanceof Deno.errors.NotFound ? [] : [1];
  }
}

/** The state file of one runner of an installation; its owner's alone, since a phase hands secrets to the next in it. */
export class StateFile {
  readonly #folder: string;
  readonly #path: string;

  constructor(runnerHome: string, number = 1) {
    this.#folder = runnerHome;
    this.#path = `${runnerHome}/state${number === 1 ? "" : `-${number}`}.json`;
  }

  /** That of another runner. */
  numbered(number: number): StateFile {
    return new StateFile(this.#folder, number);
  }

  /** The state, or undefined when no phase has left one. Throws `RunnerError` when it cannot be read. */
  async read(): Promise<AgentState | undefined> {
    return (await this.#load())?.state;
  }

  /**
   * The secrets that the phase before has left, and which the file holds no longer. Throws `RunnerError` when it cannot be
   * read; `onKept` is told when it cannot be written.
   */
  async takeSecrets(onKept: (error: unknown) => void): Promise<StateSecrets> {
    const left = await this.#load();
    if (left?.secrets === undefined) return {};
    await this.write(left.state).catch(onKept);
    return left.secrets;
  }

  /**
   * Replaces the state as a whole, so that a phase that is killed leaves the old one or the new one; of secrets the file
   * then holds those given, and no others. Throws `RunnerError`.
   */
  async write(state: AgentState, secrets?: StateSecrets): Promise<void> {
    const next = `${this.#path}.next`;
    try {
      await refuseStrangers(this.#folder);
      // A killed phase may have left one, and what is there now may be somebody's link.
      await Deno.remove(next).catch(() => {});
      await Deno.writeTextFile(next, JSON.stringify({ ...state, secrets }), { mode: 0o600, createNew: true });
      await Deno.rename(next, this.#path);
    } catch (cause) {
      await Deno.remove(next).catch(() => {});
      throw cannotWrite(this.#path, cause);
    }
  }

  async #load(): Promise<{ state: AgentState; secrets: StateSecrets | undefined } | undefined> {
    try {
      await refuseStrangers(this.#path);
      const { secrets, ...state } = stateFileSchema.parse(await readSmallJson(this.#path));
      return { state, secrets };
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return undefined;
      throw new RunnerError(`Cannot read the state of the phase before from ${this.#path}`, { cause });
    }
  }
}

/** Who owns what is there, or the link to it, could put another in its place. */
async function refuseStrangers(path: string): Promise<void> {
  for (const { uid } of [await Deno.lstat(path), await Deno.stat(path)]) {
    if (uid !== 0 && uid !== Deno.uid()) throw new Error(`${path} is another user's`);
  }
}
