/** Lets the steps of a `concurrency-group` run one at a time, in the order in which they came. */
export class StepGroups {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs a step when its group is free; at once without a group. */
  async inTurn<T>(group: string | undefined, run: () => Promise<T>): Promise<T> {
    if (group === undefined) return await run();
    const turn = (this.#last.get(group) ?? Promise.resolve()).then(run);
    this.#last.set(group, turn.catch(() => {}));
    return await turn;
  }
}
