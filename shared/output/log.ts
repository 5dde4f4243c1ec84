import type { Host } from "../program/host.ts";
import type { Redactor } from "./redact.ts";
import { writeLine, writeObject, writePassing } from "./write_line.ts";

export type LogFormat = "text" | "json";
/** For machines: as `phase`, `durationS` and `exitCode` they are named alike wherever they apply. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What stands before a line that somebody else has written. */
export const QUOTED = "  | ";

/** What a part of the log is about. */
export interface Subject {
  readonly words: string;
  readonly fields: LogFields;
}

interface LoggerOptions {
  readonly verbose?: boolean;
  readonly subject?: Subject;
}

/** Progress and diagnostics for people (text) or log collectors (json, one object a line), on stderr. */
export class Logger {
  readonly #host: Pick<Host, "stderr" | "now">;
  readonly #format: LogFormat;
  readonly redactor: Redactor;
  readonly #verbose: boolean;
  /** Nothing in particular where its words are empty. */
  readonly subject: Subject;

  constructor(
    host: Pick<Host, "stderr" | "now">,
    format: LogFormat,
    redactor: Redactor,
    { verbose = false, subject = { words: "", fields: {} } }: LoggerOptions = {},
  ) {
    this.#host = host;
    this.#format = format;
    this.redactor = redactor;
    this.#verbose = verbose;
    this.subject = subject;
  }

  /** The same log for one of several things: its lines begin with the subject's words, and have its fields. */
  about(subject: Subject): Logger {
    return new Logger(this.#host, this.#format, this.redactor, { verbose: this.#verbose, subject });
  }

  /** What only those ask for who look closer. */
  detail(message: string, fields: LogFields = {}): void {
    if (this.#verbose) this.info(message, fields);
  }

  /** What is so for the moment, in the last line of a terminal; whether it can be shown. Nothing takes it back. */
  passing(message: string): boolean {
    const { stderr } = this.#host;
    if (this.#format === "json" || stderr.passing === undefined) return false;
    writePassing(stderr, message, this.redactor);
    return true;
  }

  info(message: string, fields: LogFields = {}): void {
    this.#say("info", message, fields);
  }

  warning(message: string, fields: LogFields = {}): void {
    this.#say("warning", message, fields);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#say("error", message, fields);
  }

  /** A line that somebody else has written. */
  quote(line: string): void {
    this.#write("info", line, { quoted: true }, QUOTED);
  }

  #say(level: "info" | "warning" | "error", message: string, fields: LogFields): void {
    const { words, fields: own } = this.subject;
    this.#write(level, `${words}${message}`, { ...own, ...fields });
  }

  /** Fields are for machines; the text form relies on messages that say it all. */
  #write(level: "info" | "warning" | "error", message: string, fields: LogFields, before = ""): void {
    const { stderr } = this.#host;
    const time = new Date(this.#host.now()).toISOString();
    if (this.#format === "json") {
      return writeObject(stderr, { time, level, message, ...fields }, this.redactor);
    }
    const warning = level === "warning" ? "warning: " : "";
    writeLine(stderr, message, this.redactor, `${time.slice(11, 19)}Z ${warning}${before}`);
  }
}
