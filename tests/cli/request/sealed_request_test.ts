import assert from "node:assert/strict";
import { idempotencyToken } from "../../../cli/request/build_request.ts";
import { comparableRequest } from "../../../cli/request/sealed_request.ts";

const STEP = { pipelineUuid: "{p}", stepUuid: "{s}", stepRun: "1" };
const SECRETS = [{ name: "B", value: "secret" }, { name: "A", value: "other" }];

function requestWith(sealed: string) {
  const environmentVariablesOverride = [
    { name: "RUNNER_SEALED", value: sealed, type: "PLAINTEXT" as const },
    { name: "PIPELINE_UUID", value: "{p}", type: "PLAINTEXT" as const },
  ];
  return { projectName: "ci", environmentVariablesOverride };
}

function token(sealed: string, secrets = SECRETS, key = "the step's OIDC token"): string {
  const request = comparableRequest(requestWith(sealed), secrets, key);
  return idempotencyToken(STEP, request, { attempt: 1, salt: 0 });
}

Deno.test("a step that is played again has the same token, whatever text KMS gives for its secrets", () => {
  assert.equal(token("v1.one"), token("v1.another"));
  assert.equal(token("v1.one", SECRETS.toReversed()), token("v1.one"));
});

Deno.test("a step that hands on other secrets, or under other names, has another token", () => {
  const [first, second] = SECRETS;
  assert.ok(first && second);
  const others = [
    [{ ...first, value: "secreT" }, second],
    [{ ...first, name: "C" }, second],
    [first],
    [{ name: "B", value: other(first.value, second) }],
  ];
  for (const secrets of others) assert.notEqual(token("v1.one", secrets), token("v1.one"));
});

Deno.test("who does not know the step's key cannot try out secrets by the token", () => {
  assert.notEqual(token("v1.one", SECRETS, "guessed"), token("v1.one"));
});

Deno.test("`comparableRequest()` leaves everything else as it is, and does not show a secret", () => {
  const compared = comparableRequest(requestWith("v1.one"), SECRETS, "key");
  const [sealed, pipeline] = compared.environmentVariablesOverride ?? [];
  assert.match(sealed?.value ?? "", /^[0-9a-f]{64}$/);
  assert.deepEqual([compared.projectName, pipeline], ["ci", requestWith("").environmentVariablesOverride[1]]);
  assert.deepEqual(comparableRequest({ projectName: "ci" }, [], "key").environmentVariablesOverride, []);
});

/** What would look the same if names and values were merely put in a row. */
function other(value: string, { name, value: next }: { name: string; value: string }): string {
  return `${value}${name}${next}`;
}
