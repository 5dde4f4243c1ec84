/** Pieces are known by overlapping bits of this many UTF-16 units; nothing shorter is taken for a secret's. */
const BIT = 6;
/** A piece this long is a secret's wherever it stands. */
const ANYWHERE = 12;
/** A piece this long is a secret's where it is all that its line has. */
const WHOLE_LINE = 8;

/** A part of a text: from the first index up to, but not including, the second. */
export type Span = readonly [from: number, to: number];

/**
 * Finds known texts and pieces of them, in time that grows with the length of the text alone: each bit of the text is
 * looked up once, and bits that follow each other make a piece. A hash stands for a bit, since twelve characters of
 * which every six belong to a secret by chance do not occur.
 */
export class SecretPieces {
  readonly #bits = new Set<number>();
  readonly #first = new Set<number>();
  readonly #last = new Set<number>();
  /** Texts that are whole before they are long enough to be told as a piece. */
  readonly #short = new Set<string>();

  add(form: string): void {
    const last = form.length - BIT;
    if (last < 0) return;
    for (let at = 0; at <= last; at++) this.#bits.add(bitAt(form, at));
    this.#first.add(bitAt(form, 0));
    this.#last.add(bitAt(form, last));
    if (form.length < ANYWHERE) this.#short.add(form);
  }

  /** What of the text is to be hidden, by its beginning; spans may touch or overlap. */
  find(text: string): Span[] {
    const spans = this.#runs(text).flatMap((run) => this.#judge(text, run));
    return spans.sort(([one], [other]) => one - other);
  }

  /** The longest stretches of known bits. */
  #runs(text: string): Span[] {
    const runs: Span[] = [];
    let from = -1;
    for (let at = 0; at <= text.length - BIT; at++) {
      const known = this.#bits.has(bitAt(text, at));
      if (known && from < 0) from = at;
      if (known || from < 0) continue;
      runs.push([from, at - 1 + BIT]);
      from = -1;
    }
    if (from >= 0) runs.push([from, text.length]);
    return runs;
  }

  #judge(text: string, [from, to]: Span): Span[] {
    if (to - from >= ANYWHERE) return [[from, to]];
    const [begins, ends] = [beginsLine(text, from), endsLine(text, to)];
    if (begins && ends && to - from >= WHOLE_LINE) return [[from, to]];
    const starts = Array.from({ length: to - from - BIT + 1 }, (_, index) => from + index);
    const head = ends ? starts.find((at) => this.#first.has(bitAt(text, at))) : undefined;
    const tail = begins ? starts.findLast((at) => this.#last.has(bitAt(text, at))) : undefined;
    return [
      ...(tail === undefined ? [] : [[from, tail + BIT] as const]),
      ...this.#shortOnes(text, from, to),
      ...(head === undefined ? [] : [[head, to] as const]),
    ];
  }

  #shortOnes(text: string, from: number, to: number): Span[] {
    const found: Span[] = [];
    for (let at = from; at <= to - BIT; at++) {
      for (let end = to; end >= at + BIT; end--) {
        if (this.#short.has(text.slice(at, end))) found.push([at, end]);
      }
    }
    return found;
  }
}

/** FNV-1a over the bit, mixed once more and cut to what V8 keeps as a small integer. */
function bitAt(text: string, at: number): number {
  let hash = 0x811c9dc5;
  for (let index = at; index < at + BIT; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}

/** Whether nothing but blanks stands before it in its line; written-out line ends count, as in a line that is JSON. */
function beginsLine(text: string, at: number): boolean {
  let before = at;
  while (before > 0 && isBlank(text.charCodeAt(before - 1))) before--;
  return before === 0 ||
    /^(?:.?.?[\r\n]|.?\\[rn]|%0[AD])$/is.test(text.slice(Math.max(before - 3, 0), before));
}

function endsLine(text: string, at: number): boolean {
  let after = at;
  while (isBlank(text.charCodeAt(after))) after++;
  if (after >= text.length) return true;
  const slashes = after;
  while (text[after] === "\\") after++;
  return slashes < after
    ? /[rn]/.test(text[after] ?? "")
    : /^(?:[\r\n]|%0[AD])/i.test(text.slice(after, after + 3));
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
