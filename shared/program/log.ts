import type { Host } from "./host.ts";
import type { Redactor } from "./redact.ts";

export type LogFormat = "text" | "json";
export type LogLevel = "info" | "warning" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Progress and diagnostics for people (text) or log collectors (json, one object a line), on stderr. */
export class Logger {
  readonly #host: Pick<Host, "stderr" | "now">;
  readonly #format: LogFormat;
  readonly redactor: Redactor;

  constructor(host: Pick<Host, "stderr" | "now">, format: LogFormat, redactor: Redactor) {
    this.#host = host;
    this.#format = format;
    this.redactor = redactor;
  }

  info(message: string, fields: LogFields = {}): void {
    this.#write("info", message, fields);
  }

  warning(message: string, fields: LogFields = {}): void {
    this.#write("warning", message, fields);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#write("error", message, fields);
  }

  #write(level: LogLevel, message: string, fields: LogFields): void {
    const time = new Date(this.#host.now()).toISOString();
    const line = this.#format === "json"
      ? JSON.stringify({ time, level, message, ...fields })
      : `${time.slice(11, 19)} ${textMessage(level, message)}`;
    this.#host.stderr.write(`${this.redactor.redact(line)}\n`);
  }
}

/** Fields are for machines; the text form relies on messages that say it all. */
function textMessage(level: LogLevel, message: string): string {
  return level === "warning" ? `warning: ${message}` : message;
}
