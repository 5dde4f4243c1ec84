import type { Logger } from "../../shared/output/log.ts";
import { objectText } from "../../shared/output/write_line.ts";
import { ConfigurationError } from "../../shared/program/errors.ts";
import { fileFault } from "../../shared/program/file_fault.ts";

/** What is known of a build that was accepted. */
export interface BuildFacts {
  readonly build: string;
  readonly link: string;
  readonly runner: string;
  /** All of them, that one first. */
  readonly runners: readonly string[];
}

/** What is written as soon as it is known. */
export interface StartFacts {
  readonly state?: "starting" | "online" | "failed";
  readonly build?: string;
  readonly link?: string;
  readonly runner?: string | undefined;
  readonly runners?: readonly string[];
  readonly labels?: readonly string[] | undefined;
  /** Where several machines are started; those above are the first one's. */
  readonly builds?: readonly BuildFacts[];
  readonly exitCode?: number;
}

/** A start's own record in a file: one JSON object, complete at every moment, since it is replaced as a whole. */
export class StartRecord {
  readonly #path: string;
  readonly #log: Logger;
  #facts: Readonly<Record<string, unknown>> = {};
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  /** Writes the first of it, over what an earlier start has left. Rejects with `ConfigurationError` where it cannot. */
  static async open(
    path: string,
    log: Logger,
    facts: Readonly<Record<string, unknown>>,
  ): Promise<StartRecord> {
    const record = new StartRecord(path, log);
    record.#facts = { state: "starting", ...facts };
    await refuseSpecial(path).then(() => record.#write()).catch((cause) => {
      throw new ConfigurationError([
        `Cannot write ${path}, as --output or RUNNER_OUTPUT asks: ${fileFault(cause)}`,
      ], {
        hint: "name a file in a folder that exists and may be written to",
      });
    });
    return record;
  }

  /** Adds what is known by now. Never rejects: there may be a build by now, which is worth more than its record. */
  async note(facts: StartFacts): Promise<void> {
    this.#facts = { ...this.#facts, ...facts };
    // One after the other: builds of several machines may become known at the same time.
    this.#writing = this.#writing.then(() => this.#write()).catch((error) => {
      this.#log.warning(`Cannot write ${this.#path}: ${fileFault(error)}`);
    });
    await this.#writing;
  }

  async #write(): Promise<void> {
    const next = `${this.#path}.next`;
    const text = `${objectText(this.#facts, this.#log.redactor, 2)}\n`;
    try {
      // One may be left of a start that was killed, and what is there now may be somebody's link.
      await Deno.remove(next).catch(() => {});
      await Deno.writeTextFile(next, text, { createNew: true });
      await Deno.rename(next, this.#path);
    } catch (error) {
      await Deno.remove(next).catch(() => {});
      throw error;
    }
  }
}

/** What is replaced is gone: a folder, or a device such as /dev/null, is nobody's to replace. */
async function refuseSpecial(path: string): Promise<void> {
  const present = await Deno.lstat(path).catch(() => undefined);
  if (present !== undefined && !present.isFile && !present.isSymlink) throw new Error("it is no file");
}
