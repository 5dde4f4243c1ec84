import type { LogEvent } from "../../shared/aws/aws_logs.ts";
import type { LogFormat } from "../../shared/output/log.ts";
import type { Redactor } from "../../shared/output/redact.ts";
import { writeLine, writeObject } from "../../shared/output/write_line.ts";
import type { Host } from "../../shared/program/host.ts";
import { programWords } from "./program_words.ts";
import { isoTime } from "./time_text.ts";

export interface LogOutputOptions {
  readonly host: Pick<Host, "stdout">;
  readonly format: LogFormat;
  readonly redactor: Redactor;
  /** Whether only the programs' own errors, warnings and hints are shown. */
  readonly errors: boolean;
}

/** Writes a build's log to stdout, line by line: as it is, or as objects. */
export class LogOutput {
  readonly #options: LogOutputOptions;

  constructor(options: LogOutputOptions) {
    this.#options = options;
  }

  /** An event may hold several lines; an empty one stays empty. */
  show({ timestamp, message }: LogEvent): void {
    const { errors } = this.#options;
    const lines = message.replace(/\n$/, "").split("\n").map((line) => line.trimEnd());
    for (const line of errors ? lines.flatMap(programWords) : lines) this.#write(line, timestamp);
  }

  #write(message: string, timestamp: number | undefined): void {
    const { host, format, redactor } = this.#options;
    if (format !== "json") return writeLine(host.stdout, message, redactor);
    writeObject(host.stdout, { time: isoTime(timestamp), message }, redactor);
  }
}
