/** «unknown» where it cannot be told from here; it never makes doctor fail. */
export type Verdict = "ok" | "FAIL" | "unknown";

/** What a check has found, as a clause. */
export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly detail: string;
  /** What to change, or how to find out; of what is fine, what would be better. */
  readonly remedy?: string | undefined;
  /** Of a file, as in `bitbucket-pipelines.yml:3:9`. */
  readonly place?: string | undefined;
}

/** The condition holds; `remedy` says what would be better still. */
export function ok(check: string, detail: string, remedy?: string): Finding {
  return { check, verdict: "ok", detail, remedy };
}

/** A start, or what comes after it, would fail. */
export function fail(check: string, detail: string, remedy: string): Finding {
  return { check, verdict: "FAIL", detail, remedy };
}

/** Nobody can tell; the detail says why, the remedy how to find out. */
export function unknown(check: string, detail: string, remedy?: string): Finding {
  return { check, verdict: "unknown", detail, remedy };
}
