import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";

const CHUNK_BYTES = 64 * 1024;
/** Read in one call at most, so that a flood leaves time for everything else. */
const CALL_BYTES = 1024 * 1024;
/** What a line is longer than that is dropped. */
const LINE_CHARACTERS = 64 * 1024;

/**
 * Reads a growing file line by line, each line once, from its beginning. A file that takes its place is read from its
 * beginning too, once the old one is read to its end; so is one that was cut.
 */
export class LogFollower {
  readonly #path: string;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  #decoder = new TextDecoder();
  #file: number | undefined;
  #position = 0;
  #rest = "";
  #behind = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether the last call left something unread, since there was too much. */
  get behind(): boolean {
    return this.#behind;
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
      this.#file ??= openIfFile(this.#path, current);
      if (this.#file === undefined) return left;
      const held = fstatSync(this.#file);
      if (held.size < this.#position) this.#restart(lines);
      left = this.#readToEnd(this.#file, lines, left);
      if (left <= 0 || current === undefined || sameFile(held, current)) return left;
      this.close(lines);
    }
  }

  #readToEnd(file: number, lines: string[], most: number): number {
    let left = most;
    for (let count = -1; left > 0 && count !== 0; left -= count) {
      count = readSync(file, this.#chunk, 0, CHUNK_BYTES, this.#position);
      this.#position += count;
      this.#take(this.#decoder.decode(this.#chunk.subarray(0, count), { stream: true }), lines);
    }
    return left;
  }

  #take(text: string, lines: string[]): void {
    const [first = "", ...others] = text.split("\n");
    this.#rest = cut(this.#rest + first);
    for (const other of others) {
      lines.push(this.#rest.replace(/\r$/, ""));
      this.#rest = cut(other);
    }
  }

  #restart(lines: string[]): void {
    if (this.#rest !== "") lines.push(this.#rest);
    this.#rest = "";
    this.#position = 0;
    this.#decoder = new TextDecoder();
  }
}

function cut(line: string): string {
  return line.slice(0, LINE_CHARACTERS);
}

function sameFile(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/** Nothing but a file: opening a pipe would wait for who writes to it. */
function openIfFile(path: string, stats: Stats | undefined): number | undefined {
  return stats?.isFile() ? openSync(path, "r") : undefined;
}
