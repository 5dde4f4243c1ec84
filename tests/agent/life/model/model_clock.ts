/** Virtual time and chance of a model: events in their order, all drawn from one seed. */
export class ModelClock {
  readonly history: string[] = [];
  #now = 0;
  #order = 0;
  #random: number;
  readonly #queue: { at: number; order: number; run: () => void }[] = [];

  constructor(seed: number) {
    this.#random = seed | 0;
  }

  get now(): number {
    return this.#now;
  }

  /** Runs all that is due, and what that leads to; false when there was no end to it. */
  run(most: number): boolean {
    for (let count = 0; count < most; count++) {
      let next = 0;
      for (let index = 1; index < this.#queue.length; index++) {
        if (this.#before(index, next)) next = index;
      }
      const [event] = this.#queue.splice(next, 1);
      if (event === undefined) return true;
      this.#now = event.at;
      event.run();
    }
    return false;
  }

  #before(one: number, other: number): boolean {
    const a = this.#queue[one];
    const b = this.#queue[other];
    return a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order));
  }

  at(at: number, run: () => void): void {
    this.#queue.push({ at: Math.max(at, this.#now), order: this.#order++, run });
  }

  after(leastMs: number, mostMs: number, run: () => void): void {
    this.at(this.#now + this.between(leastMs, mostMs), run);
  }

  between(least: number, most: number): number {
    return least + this.draw() * (most - least);
  }

  chance(share: number): boolean {
    return share > 0 && this.draw() < share;
  }

  say(what: string): void {
    this.history.push(`${(this.#now / 1000).toFixed(1).padStart(8)} ${what}`);
  }

  /** mulberry32: small, seedable, good enough to mix events. */
  draw(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), 1 | this.#random);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
