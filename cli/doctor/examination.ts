import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import type { DoctorConfig } from "./doctor_config.ts";

/** What doctor looks at the set-up with. */
export interface Examination {
  readonly host: Host;
  readonly log: Logger;
  readonly config: DoctorConfig;
  /** Of the configuration. */
  readonly problems: readonly string[];
  /** The pipelines that were named. */
  readonly pipelines: string | undefined;
  readonly signal: AbortSignal;
}
