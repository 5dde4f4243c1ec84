import { readJson } from "./bitbucket_answer.ts";
import { type Answer, type ApiCall, callRoute } from "./bitbucket_call.ts";
import type { BitbucketCredentials } from "../settings/bitbucket_settings.ts";
import { ApiError, CredentialsError, type ProgramError } from "../program/errors.ts";
import { Redactor } from "../output/redact.ts";
import { ATTEMPTS, type Fault } from "./retry_plan.ts";

type CredentialsKind = BitbucketCredentials["kind"];

/** The error for an answer that no repetition mends; 401 and 403 become `CredentialsError`. */
export function refusalError(
  call: ApiCall<unknown>,
  answer: Answer,
  kind: CredentialsKind,
  redactor: Redactor,
): ProgramError {
  const said = `Bitbucket answered ${answer.status} to ${callRoute(call)}${remarks(answer, redactor)}`;
  const message = redactor.redact(`Cannot ${call.name}: ${said}`);
  const explained = call.explain?.(answer, message);
  if (explained !== undefined) return explained;
  if (answer.status === 401) return new CredentialsError(message, { hint: REJECTED_HINTS[kind] });
  if (answer.status === 403) return forbiddenError(call, answer, kind, message);
  const hint = answer.status === 404
    ? "Check WORKSPACE_UUID, REPO_UUID and BITBUCKET_API_URL, and that the credentials may see the repository"
    : undefined;
  return new ApiError(message, { call: call.name, ...trace(answer) }, { hint });
}

/** The error for a fault that outlasted all attempts. */
export function lastingError(call: ApiCall<unknown>, fault: Fault, redactor: Redactor): ApiError {
  const { answer } = fault;
  const what = fault.describe(callRoute(call));
  const message = `Cannot ${call.name}: ${what} in ${ATTEMPTS} attempts${
    answer ? remarks(answer, redactor) : ""
  }`;
  const hint = answer?.status === 429
    ? "The hourly request limit of these credentials is used up; give this repository credentials of its own"
    : fault.hint;
  return new ApiError(redactor.redact(message), { call: call.name, ...(answer ? trace(answer) : {}) }, {
    hint,
    cause: fault.cause,
  });
}

/**
 * What Bitbucket says about a failure: `error.message` with a textual `error.detail`, or OAuth's description. Redacted before
 * it is cut, since half a secret is not known for one.
 */
export function bitbucketMessage(answer: Answer, redactor = new Redactor()): string | undefined {
  const body = errorBody(answer);
  const parts = [body.error?.message, body.error?.detail, body.error_description].filter(isText);
  if (parts.length > 0) return redacted([...new Set(parts)].join(": "), redactor).slice(0, 500);
  const text = answer.text.trim();
  return text === "" || /^[<{[]/.test(text) ? undefined : redacted(text, redactor).slice(0, 200);
}

function redacted(text: string, redactor: Redactor): string {
  return redactor.redact(text.slice(0, 4000));
}

const REJECTED_HINTS: Readonly<Record<CredentialsKind, string>> = {
  "oauth": "Check BITBUCKET_OAUTH_CLIENT_ID and BITBUCKET_OAUTH_CLIENT_SECRET",
  "access token": "Check BITBUCKET_ACCESS_TOKEN: the token may have expired or been revoked",
  "api token":
    "Check BITBUCKET_API_EMAIL and BITBUCKET_API_TOKEN: the token may have expired or been revoked",
};

function forbiddenError(call: ApiCall<unknown>, answer: Answer, kind: CredentialsKind, message: string) {
  return missingScopeError(message, missingScopes(call, answer), kind);
}

/** The error for credentials that lack scopes, with what to do about it for their kind. */
export function missingScopeError(
  message: string,
  missing: readonly string[],
  kind: CredentialsKind,
): CredentialsError {
  const needed = missing.join(", ");
  const hints: Readonly<Record<CredentialsKind, string>> = {
    "oauth": `Add the scope ${needed} to the OAuth consumer behind BITBUCKET_OAUTH_CLIENT_ID ` +
      "(workspace settings, OAuth consumers, edit, permissions)",
    "access token":
      `Create an access token with the scope ${needed} and set BITBUCKET_ACCESS_TOKEN to it; where Bitbucket does not ` +
      "offer it, use an API token or an OAuth consumer",
    "api token": `Create an API token with the scope ${needed} (${missing.map(apiTokenScope).join(", ")}) ` +
      "and set BITBUCKET_API_TOKEN to it",
  };
  return new CredentialsError(`${message}; missing scope: ${needed}`, { hint: hints[kind] });
}

/** Bitbucket names what is needed in the body (`detail.required`) or in a header; both may be absent. */
function missingScopes(call: ApiCall<unknown>, answer: Answer): readonly string[] {
  const detail = errorBody(answer).error?.detail;
  const named = isScopes(detail) ? detail : {};
  const required = named.required ?? words(answer.headers.get("x-accepted-oauth-scopes"));
  const granted = named.granted ?? words(answer.headers.get("x-oauth-scopes"));
  const missing = required.filter((scope) => !granted.includes(scope));
  return missing.length > 0 ? missing : call.scopes;
}

/** `runner:write` is `write:runner:bitbucket` for API tokens, whose scopes do not imply each other. */
function apiTokenScope(scope: string): string {
  const [subject, access] = scope.split(":");
  return `${access ?? "read"}:${subject}:bitbucket`;
}

function trace(answer: Answer): { status: number; requestId: string | undefined } {
  const names = ["x-request-id", "atl-request-id", "atl-traceid", "x-b3-traceid"];
  const requestId = names.map((name) => answer.headers.get(name)).find((id) => id !== null);
  return { status: answer.status, requestId: requestId?.slice(0, 100) };
}

function remarks(answer: Answer, redactor: Redactor): string {
  const { requestId } = trace(answer);
  const parts = [bitbucketMessage(answer, redactor), requestId && `request id ${requestId}`].filter(isText);
  return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
}

interface ErrorBody {
  readonly error?: { readonly message?: unknown; readonly detail?: unknown };
  readonly error_description?: unknown;
}

function errorBody(answer: Answer): ErrorBody {
  const body = readJson(answer.text);
  return body.ok && typeof body.value === "object" && body.value !== null ? body.value : {};
}

function isScopes(detail: unknown): detail is { required?: string[]; granted?: string[] } {
  if (typeof detail !== "object" || detail === null) return false;
  const { required, granted } = detail as Record<string, unknown>;
  return [required, granted].every((list) =>
    list === undefined || (Array.isArray(list) && list.every(isText))
  );
}

function words(text: string | null): string[] {
  return text?.split(/[\s,]+/).filter((word) => word !== "") ?? [];
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
