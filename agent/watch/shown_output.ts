import { Buffer } from "node:buffer";
import type { Host } from "../../shared/program/host.ts";
import { type Logger, QUOTED } from "../../shared/output/log.ts";
import { shortened } from "../../shared/output/plain_text.ts";
import { LONGEST_LINE, writeLine } from "../../shared/output/write_line.ts";

/** Bytes that go from the runner's output to the build's log: a runner writes some kilobytes for each of its steps. */
const MOST_BYTES = { aMinute: 1024 * 1024, inAll: 16 * 1024 * 1024 };
const MINUTE_MS = 60_000;

/** The runner's lines in the build's log, as long as there is room for them. */
export class ShownOutput {
  readonly #host: Pick<Host, "stdout" | "monotonicMs">;
  readonly #log: Logger;
  #shownBytes = 0;
  #omittedBytes = 0;
  #minute = { since: -Infinity, bytes: 0 };

  constructor(host: Pick<Host, "stdout" | "monotonicMs">, log: Logger) {
    this.#host = host;
    this.#log = log;
  }

  /** Whether there is room for a line as long as this one. */
  hasRoomFor(line: string): boolean {
    const bytes = this.#bytesOf(line);
    const now = this.#host.monotonicMs();
    if (now >= this.#minute.since + MINUTE_MS) this.#minute = { since: now, bytes: 0 };
    return this.#minute.bytes + bytes <= MOST_BYTES.aMinute && this.#shownBytes + bytes <= MOST_BYTES.inAll;
  }

  show(line: string): void {
    const bytes = this.#bytesOf(line);
    this.#minute.bytes += bytes;
    this.#shownBytes += bytes;
    writeLine(this.#host.stdout, line, this.#log.redactor, this.#log.subject.words + QUOTED);
  }

  /** Counts bytes that are not shown, and says so the first time. */
  omit(bytes: number): void {
    if (this.#omittedBytes === 0 && bytes > 0) {
      const { aMinute, inAll } = MOST_BYTES;
      this.#log.warning(
        `The runner writes more than this log takes, ${megabytes(aMinute)} a minute and ${
          megabytes(inAll)
        } in all: the rest is left out`,
      );
    }
    this.#omittedBytes += bytes;
  }

  /** Says how much was left out, if anything was. */
  close(): void {
    if (this.#omittedBytes === 0) return;
    this.#log.warning(`${megabytes(this.#omittedBytes)} of the runner's output were left out of this log`);
  }

  /** With what stands around it in the log. */
  #bytesOf(line: string): number {
    return Buffer.byteLength(this.#log.subject.words + QUOTED) +
      Buffer.byteLength(shortened(line, LONGEST_LINE)) +
      1;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
