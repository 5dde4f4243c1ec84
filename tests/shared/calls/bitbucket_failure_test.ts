import assert from "node:assert/strict";
import type { Answer, ApiCall } from "../../../shared/calls/bitbucket_call.ts";
import { anyAnswer } from "../../../shared/calls/bitbucket_answer.ts";
import { lastingError, refusalError } from "../../../shared/calls/bitbucket_failure.ts";
import { ApiError, CredentialsError, EXIT_CODES } from "../../../shared/program/errors.ts";
import { Redactor } from "../../../shared/output/redact.ts";

const CALL: ApiCall<unknown> = {
  name: "list runners",
  method: "GET",
  url:
    "https://api.bitbucket.org/2.0/repositories/%7Bw%7D/%7Br%7D/pipelines-config/runners/%7Bu%7D?pagelen=100",
  schema: anyAnswer,
  scopes: ["runner"],
};
const ROUTE = "GET …/pipelines-config/runners/{uuid}";
const SCOPES_MESSAGE = "Your credentials lack one or more required privilege scopes.";

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: new Headers(headers),
    text: typeof body === "string" ? body : JSON.stringify(body),
  };
}

function bitbucketError(message: string, detail?: unknown) {
  return { type: "error", error: { message, ...(detail === undefined ? {} : { detail }) } };
}

const MESSAGES: readonly (readonly [string, Answer, string])[] = [
  ["Bitbucket's message", answer(422, bitbucketError("Bad thing")), "answered 422 to ROUTE (Bad thing)"],
  [
    "a detail in words",
    answer(422, bitbucketError("Bad thing", "Very")),
    "answered 422 to ROUTE (Bad thing: Very)",
  ],
  ["a detail as an object", answer(422, bitbucketError("Bad", { a: 1 })), "answered 422 to ROUTE (Bad)"],
  ["plain text", answer(410, "Gone for good"), "answered 410 to ROUTE (Gone for good)"],
  ["HTML", answer(410, "<html>Gone</html>"), "answered 410 to ROUTE"],
  ["JSON of another kind", answer(410, "[1]"), "answered 410 to ROUTE"],
  ["null", answer(410, "null"), "answered 410 to ROUTE (null)"],
  ["nothing", answer(410, ""), "answered 410 to ROUTE"],
  [
    "a request id",
    answer(410, "", { "x-request-id": "abc123" }),
    "answered 410 to ROUTE (request id abc123)",
  ],
  [
    "more text than anybody reads",
    answer(410, JSON.stringify({ error: { message: "m".repeat(100_000) } }), {
      "x-request-id": "r".repeat(5000),
    }),
    `answered 410 to ROUTE (${"m".repeat(500)}; request id ${"r".repeat(100)})`,
  ],
  ["more brackets than are parsed", answer(410, '{"error":'.repeat(1000)), "answered 410 to ROUTE"],
];

for (const [what, given, expected] of MESSAGES) {
  Deno.test(`\`refusalError()\` words an answer with ${what}`, () => {
    const error = refusalError(CALL, given, "oauth", new Redactor());
    assert.ok(error instanceof ApiError);
    assert.equal(error.message, `Cannot list runners: Bitbucket ${expected.replace("ROUTE", ROUTE)}`);
    assert.equal(error.status, given.status);
  });
}

const MISSING: readonly (readonly [string, Answer, string])[] = [
  [
    "what Bitbucket requires beyond what it grants",
    answer(
      403,
      bitbucketError(SCOPES_MESSAGE, { granted: ["pipeline"], required: ["pipeline", "runner:write"] }),
    ),
    "runner:write",
  ],
  [
    "what the headers say",
    answer(403, "", { "x-accepted-oauth-scopes": "runner:write, pipeline", "x-oauth-scopes": "pipeline" }),
    "runner:write",
  ],
  [
    "what the call takes where Bitbucket names nothing",
    answer(403, bitbucketError("Access denied")),
    "runner",
  ],
];

for (const [what, given, scope] of MISSING) {
  Deno.test(`a 403 names the missing scope: ${what}`, () => {
    const error = refusalError(CALL, given, "oauth", new Redactor());
    assert.ok(error instanceof CredentialsError);
    assert.equal(error.exitCode, EXIT_CODES.credentials);
    assert.match(error.message, new RegExp(`; missing scope: ${scope}$`));
    assert.match(error.hint ?? "", new RegExp(`scope ${scope} .*BITBUCKET_OAUTH_CLIENT_ID`));
  });
}

Deno.test("the hint of a 403 fits the kind of credentials", () => {
  const forbidden = answer(403, bitbucketError(SCOPES_MESSAGE, { required: ["runner:write"], granted: [] }));
  const hint = (kind: "access token" | "api token") =>
    refusalError(CALL, forbidden, kind, new Redactor()).hint;
  assert.match(hint("access token") ?? "", /scope runner:write and set BITBUCKET_ACCESS_TOKEN/);
  assert.match(hint("api token") ?? "", /write:runner:bitbucket.*BITBUCKET_API_TOKEN/);
});

Deno.test("a secret that stands where a message is cut is not shown by half", () => {
  const redactor = new Redactor();
  redactor.add("a-secret-of-the-consumer");
  const message = `${"m".repeat(490)}a-secret-of-the-consumer`;
  const error = refusalError(CALL, answer(410, JSON.stringify({ error: { message } })), "oauth", redactor);
  assert.match(error.message, /m\*\*\*\)$/);
});

Deno.test("a 404 hints at the repository", () => {
  const error = refusalError(CALL, answer(404, bitbucketError("Not found")), "oauth", new Redactor());
  assert.match(error.hint ?? "", /REPO_UUID/);
});

Deno.test("secrets that Bitbucket repeats are not in the error", () => {
  const redactor = new Redactor();
  redactor.add("very-secret-value");
  const given = answer(400, bitbucketError("Cannot use very-secret-value", "with Bearer another-secret"));
  const error = refusalError(CALL, given, "oauth", redactor);
  assert.doesNotMatch(error.message, /secret/);
  const fault = { describe: () => "Failed with very-secret-value", answer: given, mayHaveActed: false };
  assert.doesNotMatch(lastingError(CALL, fault, redactor).message, /secret/);
});

Deno.test("`lastingError()` names call, route, attempts and what Bitbucket said", () => {
  const given = answer(502, bitbucketError("Upstream"), { "x-request-id": "id-1" });
  const describe = (target: string) => `Bitbucket answered 502 to ${target}`;
  const error = lastingError(CALL, { describe, answer: given, mayHaveActed: true }, new Redactor());
  const expected =
    `Cannot list runners: Bitbucket answered 502 to ${ROUTE} in 5 attempts (Upstream; request id id-1)`;
  assert.equal(error.message, expected);
  assert.deepEqual([error.call, error.status, error.requestId], ["list runners", 502, "id-1"]);
});
