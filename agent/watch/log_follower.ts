import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";

const CHUNK_BYTES = 16 * 1024;
/** Read in one call at most, so that a flood leaves time for everything else. */
const CALL_BYTES = 1024 * 1024;
/** What a line is longer than that is dropped. */
const LINE_CHARACTERS = 64 * 1024;
/** The same in lines, which may be empty. */
const CALL_LINES = 10_000;
/** Of more than that which is unread, only the end is read: what a runner has said since counts, not what a flood has. */
const MOST_UNREAD_BYTES = 8 * 1024 * 1024;
const END_BYTES = 4 * 1024 * 1024;
const LINE_END = 10;

/** One for all who read, since each takes what it has read before another reads. */
const chunk = new Uint8Array(CHUNK_BYTES);

/** A place in a file at which a line begins; the inode tells whether the file is still the same. */
export interface Place {
  readonly inode: number;
  readonly bytes: number;
}

/**
 * Reads a growing file line by line, each line once, from its beginning or from where an earlier reading has come to. A
 * file that takes its place is read from its beginning, once the old one is read to its end; so is one that was cut.
 */
export class LogFollower {
  readonly #path: string;
  #decoder = new TextDecoder();
  #file: number | undefined;
  #inode = 0;
  #position = 0;
  /** Where the line begins that is being read. */
  #lineStart = 0;
  #rest = "";
  #skippedBytes = 0;
  /** Begun in the middle of a line, which is passed over. */
  #inMidLine = false;
  #behind = false;
  readonly #start: Place | undefined;
  #begun = false;

  constructor(path: string, start?: Place) {
    this.#path = path;
    this.#start = start;
  }

  /** Whether the last call left something unread, since there was too much. */
  get behind(): boolean {
    return this.#behind;
  }

  /** Where the reading has come to; undefined while there is no file. */
  get place(): Place | undefined {
    return this.#file === undefined ? undefined : { inode: this.#inode, bytes: this.#lineStart };
  }

  /** How much was passed over so far, since there was too much. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /**
   * The complete lines written since the last call, as far as they fit into one call; none while there is no file, or
   * none that can be read.
   */
  readNewLines(): string[] {
    const lines: string[] = [];
    try {
      this.#behind = this.#read(lines) <= 0;
    } catch {
      // Out of descriptors, or somebody else's file for now: the next call tries again.
    }
    return lines;
  }

  /** Ends the reading of the file; what it has after its last line end counts as a line. */
  close(lines: string[] = []): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#restart(lines);
  }

  /** Returns how many bytes could still be read in this call. */
  #read(lines: string[]): number {
    for (let left = CALL_BYTES;;) {
      // Looked at before the reading, so that an old file is read to its end once a new one is there.
      const current = statSync(this.#path, { throwIfNoEntry: false });
      this.#file ??= this.#open(current);
      if (this.#file === undefined) return left;
      const held = fstatSync(this.#file);
      if (held.size < this.#position) this.#restart(lines);
      this.#skipTo(held.size - END_BYTES, held.size - MOST_UNREAD_BYTES);
      left = this.#readToEnd(this.#file, lines, left);
      if (left <= 0 || current === undefined || sameFile(held, current)) return left;
      this.close(lines);
    }
  }

  /** Nothing but a file: opening a pipe would wait for who writes to it. */
  #open(stats: Stats | undefined): number | undefined {
    if (!stats?.isFile()) return undefined;
    const file = openSync(this.#path, "r");
    this.#inode = stats.ino;
    this.#position = this.#begun ? 0 : placeIn(stats, this.#start);
    this.#lineStart = this.#position;
    this.#begun = true;
    return file;
  }

  /** Goes on at `to` where the reading has not come to `from` yet. */
  #skipTo(to: number, from: number): void {
    if (this.#position >= from) return;
    this.#skippedBytes += to - this.#position;
    this.#goTo(to, true);
  }

  #readToEnd(file: number, lines: string[], most: number): number {
    let left = most;
    for (let count = -1; left > 0 && count !== 0; left -= lines.length < CALL_LINES ? count : left) {
      count = readSync(file, chunk, 0, CHUNK_BYTES, this.#position);
      const bytes = chunk.subarray(0, count);
      this.#take(this.#decoder.decode(bytes, { stream: true }), lines);
      const lastEnd = bytes.lastIndexOf(LINE_END);
      if (lastEnd >= 0) this.#lineStart = this.#position + lastEnd + 1;
      this.#position += count;
    }
    return left;
  }

  #take(text: string, lines: string[]): void {
    const [first = "", ...others] = text.split("\n");
    this.#rest = cut(this.#rest + first);
    for (const other of others) {
      if (!this.#inMidLine) lines.push(this.#rest.replace(/\r$/, ""));
      this.#inMidLine = false;
      this.#rest = cut(other);
    }
  }

  #restart(lines: string[]): void {
    if (this.#rest !== "" && !this.#inMidLine) lines.push(this.#rest);
    this.#goTo(0, false);
  }

  #goTo(position: number, inMidLine: boolean): void {
    this.#position = position;
    this.#lineStart = position;
    this.#rest = "";
    this.#inMidLine = inMidLine;
    this.#decoder = new TextDecoder();
  }
}

function placeIn({ ino, size }: Stats, place: Place | undefined): number {
  return place !== undefined && place.inode === ino && place.bytes <= size ? place.bytes : 0;
}

function cut(line: string): string {
  return line.slice(0, LINE_CHARACTERS);
}

function sameFile(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}
