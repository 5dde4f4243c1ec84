/** Characters of lines that are remembered because one source alone has told them so far, by all runners of a build. */
const REMEMBERED_CHARACTERS = 4_000_000;
/** What a short line takes besides. */
const ENTRY_CHARACTERS = 64;

export type Source = "stdout" | "own";

/**
 * Merges two sources that tell the same lines, each at its own time: a line is given when one of them has told it more
 * often than it was given. Only what the other has not told yet is remembered, up to a bound.
 */
export class OnceEach {
  /** How many times more often stdout has told a line than the other; negative where the other is ahead. */
  readonly #leads = new Map<string, number>();
  readonly #mostCharacters: number;
  #characters = 0;

  /** One of so many that remember. */
  constructor(count = 1) {
    this.#mostCharacters = REMEMBERED_CHARACTERS / count;
  }

  /** Those of a source's next lines that were not given before, in their order. */
  newOf(source: Source, lines: readonly string[]): string[] {
    const step = source === "stdout" ? 1 : -1;
    return lines.filter((line) => {
      const lead = this.#leads.get(line) ?? 0;
      this.#note(line, lead + step);
      return lead * step >= 0;
    });
  }

  #note(line: string, lead: number): void {
    if (lead === 0) return this.#forget(line);
    if (!this.#leads.has(line)) this.#characters += line.length + ENTRY_CHARACTERS;
    this.#leads.set(line, lead);
    for (const oldest of this.#leads.keys()) {
      if (this.#characters <= this.#mostCharacters) return;
      this.#forget(oldest);
    }
  }

  #forget(line: string): void {
    if (this.#leads.delete(line)) this.#characters -= line.length + ENTRY_CHARACTERS;
  }
}
