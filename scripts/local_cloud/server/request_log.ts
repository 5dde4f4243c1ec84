import type { ApiName } from "./api_call.ts";
import type { FaultKind } from "./faults.ts";

/** One request to an API of the local cloud; its private runner protocol and the release files are not counted. */
export interface RequestRecord {
  readonly api: ApiName;
  /** The call's name, as in StartBuild or CreateRunner. */
  readonly call: string;
  /** Who called: an access key id, or the OAuth consumer, user or token of Bitbucket. */
  readonly credential: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly status: number | "reset" | "hung";
  readonly fault?: FaultKind | undefined;
}

/** The requests so far, for tests and reports that count them. */
export class RequestLog {
  readonly all: RequestRecord[] = [];

  add(record: RequestRecord): void {
    this.all.push(record);
  }

  /** How many requests there were, of one call, of one API, or in all. */
  count(what?: { readonly call?: string; readonly api?: RequestRecord["api"] }): number {
    return this.all.filter((record) =>
      (what?.call === undefined || record.call === what.call) &&
      (what?.api === undefined || record.api === what.api)
    ).length;
  }

  /** How many requests each call had, as in `{ StartBuild: 1 }`. */
  byCall(api?: RequestRecord["api"]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const record of this.all) {
      if (api === undefined || record.api === api) counts[record.call] = (counts[record.call] ?? 0) + 1;
    }
    return counts;
  }
}
