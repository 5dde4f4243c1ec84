import { readJson } from "../../../shared/calls/bitbucket_answer.ts";
import type { Answer } from "../../../shared/calls/bitbucket_call.ts";
import { bitbucketMessage } from "../../../shared/calls/bitbucket_failure.ts";
import type { Findings } from "./findings.ts";

/** A runner as the API shows it; every field may be missing. */
export interface SeenRunner {
  readonly uuid?: string;
  readonly name?: string;
  readonly labels?: readonly string[];
  readonly state?: {
    readonly status?: string;
    readonly cordoned?: boolean;
    readonly step?: { readonly uuid?: string } | null;
  };
  readonly oauth_client?: {
    readonly id?: string;
    readonly secret?: string;
    readonly token_endpoint?: string;
    readonly audience?: string;
  };
  readonly error?: { readonly key?: string; readonly message?: string } | null;
}

/** The answer's body as an object; an empty one where it is none. */
export function bodyOf<T extends object>(answer: Answer): Partial<T> {
  const body = readJson(answer.text);
  return body.ok && typeof body.value === "object" && body.value !== null ? body.value as Partial<T> : {};
}

/** Whether Bitbucket did what it was asked. */
export function succeeded({ status }: Pick<Answer, "status">): boolean {
  return status >= 200 && status < 300;
}

/** The status with what Bitbucket says beside it, as in «400: labels: required». */
export function remark(answer: Answer): string {
  const said = bitbucketMessage(answer);
  return said === undefined ? String(answer.status) : `${answer.status}: ${said}`;
}

/** The form of an error's `detail`, which Bitbucket's description leaves open. */
export function detailForm(answer: Answer): Findings["errorDetail"] {
  const detail = bodyOf<{ error: { detail?: unknown } }>(answer).error?.detail;
  if (typeof detail === "string") return "string";
  return typeof detail === "object" && detail !== null ? "object" : "none";
}

/** Whether the runner gets no new steps, by either field that may say so. */
export function isClosed({ state }: SeenRunner): boolean {
  return state?.status === "DISABLED" || state?.cordoned === true;
}
