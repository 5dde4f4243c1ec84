/**
 * A pattern as a tree, and how many steps a backtracking engine takes with it. Time would tell the same, but not the same
 * on every machine. Only what the shipped code's patterns have is understood; anything else is an error.
 */
export type Pattern =
  | { readonly kind: "one"; readonly test: (character: string) => boolean; readonly source: string }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Pattern[] }
  | {
    readonly kind: "repeat";
    readonly part: Pattern;
    readonly least: number;
    readonly most: number;
    readonly lazy: boolean;
  }
  | { readonly kind: "look"; readonly part: Pattern; readonly ahead: boolean; readonly wanted: boolean }
  | { readonly kind: "edge"; readonly sign: string };

/** Takes a pattern apart. */
export function parsePattern(source: string, flags: string): Pattern {
  const parser = new Parser(source, flags);
  const pattern = parser.choice();
  if (parser.at < source.length) throw new Error(`Not understood: ${source.slice(parser.at)} of ${source}`);
  return pattern;
}

class Parser {
  at = 0;

  constructor(readonly source: string, readonly flags: string) {}

  choice(): Pattern {
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "choice", parts };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    while (this.at < this.source.length && !/[|)]/.test(this.source[this.at] ?? "")) {
      parts.push(this.#repeated(this.#atom()));
    }
    return { kind: "sequence", parts };
  }

  #repeated(part: Pattern): Pattern {
    const [whole = "", sign = "", least = "", comma = "", most = "", lazy = ""] =
      /^(?:([*+?])|\{(\d+)(,?)(\d*)\})(\??)/.exec(this.source.slice(this.at)) ?? [];
    if (whole === "") return part;
    this.at += whole.length;
    const bounds = sign === ""
      ? { least: Number(least), most: comma === "" ? Number(least) : most === "" ? Infinity : Number(most) }
      : { least: sign === "+" ? 1 : 0, most: sign === "?" ? 1 : Infinity };
    return { kind: "repeat", part, ...bounds, lazy: lazy !== "" };
  }

  #atom(): Pattern {
    const [look, direction, sign] = /^\(\?(<?)([=!])/.exec(this.source.slice(this.at)) ?? [];
    if (look !== undefined) {
      this.at += look.length;
      return { kind: "look", part: this.#closed(), ahead: direction === "", wanted: sign === "=" };
    }
    if (this.#take("(?:") || this.#take("(")) return this.#closed();
    if (this.#take("^")) return { kind: "edge", sign: "^" };
    if (this.#take("$")) return { kind: "edge", sign: "$" };
    if (this.#take("\\b")) return { kind: "edge", sign: "b" };
    return this.#one();
  }

  #closed(): Pattern {
    const inner = this.choice();
    if (!this.#take(")")) throw new Error(`Not closed: ${this.source}`);
    return inner;
  }

  #one(): Pattern {
    const rest = this.source.slice(this.at);
    const [source] =
      /^(?:\[(?:\\.|[^\]\\])*\]|\\[pP]\{\w+\}|\\u[\da-f]{4}|\\x[\da-f]{2}|\\[^\dk]|[^\\[\](){}*+?])/i
        .exec(rest) ?? [];
    if (source === undefined) throw new Error(`Not understood: ${rest} of ${this.source}`);
    this.at += source.length;
    const native = new RegExp(`^${source}$`, this.flags.replace(/[gmy]/g, ""));
    const known = new Map<string, boolean>();
    const test = (character: string) => {
      const found = known.get(character) ?? native.test(character);
      known.set(character, found);
      return found;
    };
    return { kind: "one", test, source };
  }

  #take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }
}

type Next = (at: number) => boolean;

/**
 * How many steps it takes to find all matches in a text, or the first; `most` where it takes more, or goes deeper than can
 * be counted.
 */
export function countSteps(pattern: Pattern, flags: string, text: string, most: number): number {
  const search = new Search(flags, text, most);
  try {
    for (let at = 0; at <= text.length && search.steps < most; at++) {
      let end = at;
      const found = search.run(pattern, at, 1, (after) => {
        end = after;
        return true;
      });
      if (found && !flags.includes("g")) break;
      at = Math.max(at, end - 1);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return most;
  }
  return Math.min(search.steps, most);
}

/** Whether the pattern is found in a text. */
export function matches(pattern: Pattern, flags: string, text: string): boolean {
  const search = new Search(flags, text, Infinity);
  const starts = Array.from({ length: text.length + 1 }, (_, at) => at);
  return starts.some((at) => search.run(pattern, at, 1, () => true));
}

class Search {
  steps = 0;

  constructor(readonly flags: string, readonly text: string, readonly most: number) {}

  /** Matches a part from a place on, to the right (1) or, as within a look-behind, to the left (-1). */
  run(part: Pattern, at: number, way: 1 | -1, next: Next): boolean {
    if (++this.steps > this.most) return true;
    switch (part.kind) {
      case "one":
        return this.#fits(part, at, way) && next(at + way);
      case "choice":
        return part.parts.some((one) => this.run(one, at, way, next));
      case "sequence": {
        const parts = way === 1 ? part.parts : part.parts.toReversed();
        const from = (index: number): Next => (place) => {
          const one = parts[index];
          return one === undefined ? next(place) : this.run(one, place, way, from(index + 1));
        };
        return from(0)(at);
      }
      case "look":
        return this.run(part.part, at, part.ahead ? 1 : -1, () => true) === part.wanted && next(at);
      case "edge":
        return this.#isEdge(part.sign, at) && next(at);
      case "repeat":
        return part.part.kind === "one"
          ? this.#many(part, at, way, next)
          : this.#again(part, 0, at, way, next);
    }
  }

  /** A single character, over and over: as far as it goes, then one less at a time, or the other way round. */
  #many(repeat: Pattern & { kind: "repeat" }, at: number, way: 1 | -1, next: Next): boolean {
    const { part, least, most, lazy } = repeat;
    const limit = lazy ? least : most;
    let count = 0;
    while (count < limit && this.#fits(part, at + way * count, way)) count++;
    if (count < least) return false;
    if (lazy) {
      for (;; count++) {
        if (++this.steps > this.most || next(at + way * count)) return true;
        if (count >= most || !this.#fits(part, at + way * count, way)) return false;
      }
    }
    for (; count >= least; count--) if (++this.steps > this.most || next(at + way * count)) return true;
    return false;
  }

  #again(repeat: Pattern & { kind: "repeat" }, count: number, at: number, way: 1 | -1, next: Next): boolean {
    const { part, least, most, lazy } = repeat;
    const more = () =>
      count < most && this.run(part, at, way, (place) => {
        return (place !== at || count < least) && this.#again(repeat, count + 1, place, way, next);
      });
    const enough = () => count >= least && next(at);
    return lazy ? enough() || more() : more() || enough();
  }

  #fits(part: Pattern, at: number, way: 1 | -1): boolean {
    this.steps++;
    const character = this.text[way === 1 ? at : at - 1];
    return part.kind === "one" && character !== undefined && part.test(character);
  }

  #isEdge(sign: string, at: number): boolean {
    const [before, after] = [this.text[at - 1], this.text[at]];
    const lines = this.flags.includes("m");
    if (sign === "^") return before === undefined || (lines && before === "\n");
    if (sign === "$") return after === undefined || (lines && after === "\n");
    return /\w/.test(before ?? "") !== /\w/.test(after ?? "");
  }
}
