const CHUNK_BYTES = 64 * 1024;

/** Reads a growing file line by line, each line once, from its beginning. */
export class LogFollower {
  readonly #path: string;
  readonly #decoder = new TextDecoder();
  #file: Deno.FsFile | undefined;
  #rest = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** The complete lines written since the last call; none while the file does not exist. */
  readNewLines(): string[] {
    const file = this.#open();
    if (file === undefined) return [];
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let count = file.readSync(chunk); count !== null && count > 0; count = file.readSync(chunk)) {
      this.#rest += this.#decoder.decode(chunk.subarray(0, count), { stream: true });
    }
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.map((line) => line.replace(/\r$/, ""));
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #open(): Deno.FsFile | undefined {
    if (this.#file !== undefined) return this.#file;
    try {
      this.#file = Deno.openSync(this.#path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return this.#file;
  }
}
