import type { LogFields } from "../../shared/output/log.ts";

/** A line of the log: what people read, and what machines do. */
export interface Line {
  readonly message: string;
  readonly fields: LogFields;
}
