import assert from "node:assert/strict";
import { anyAnswer, judgeAnswer, readJson } from "../../../shared/calls/bitbucket_answer.ts";
import type { ApiCall } from "../../../shared/calls/bitbucket_call.ts";
import { pageSchema, runnerSchema } from "../../../shared/calls/bitbucket_schema.ts";

const CALL: ApiCall<unknown> = {
  name: "call",
  method: "PUT",
  url: "https://localhost/",
  schema: anyAnswer,
  scopes: [],
  answers: [404],
};

type Summary = "done" | "answered" | "refused" | "again, not done" | "again, may be done";

const STATUSES: readonly (readonly [number, ApiCall<unknown>["method"], Summary])[] = [
  [200, "GET", "done"],
  [201, "POST", "done"],
  [204, "DELETE", "done"],
  [400, "PUT", "refused"],
  [401, "PUT", "again, not done"],
  [403, "PUT", "refused"],
  [404, "PUT", "answered"],
  [405, "PUT", "refused"],
  [408, "PUT", "again, may be done"],
  [409, "PUT", "again, may be done"],
  [409, "POST", "again, may be done"],
  [409, "GET", "refused"],
  [429, "POST", "again, not done"],
  [500, "GET", "again, may be done"],
  [503, "POST", "again, may be done"],
  [599, "GET", "again, may be done"],
];

for (const [status, method, expected] of STATUSES) {
  Deno.test(`\`judgeAnswer()\` takes ${status} to a ${method} as «${expected}»`, () => {
    assert.equal(summary({ ...CALL, method }, status, ""), expected);
  });
}

const RUNNER = { uuid: "{1}", name: "one", state: { status: "ONLINE" } };
const PAGE = { ...CALL, schema: pageSchema(runnerSchema) };

const BODIES: readonly (readonly [string, string, string])[] = [
  ["a page", JSON.stringify({ values: [RUNNER] }), "done"],
  [
    "new fields and an unknown status",
    JSON.stringify({ values: [{ ...RUNNER, state: { status: "NEW", x: 1 } }] }),
    "done",
  ],
  [
    "nulls",
    JSON.stringify({
      values: [{ ...RUNNER, created_on: null, state: { status: "ONLINE", step: null } }],
      next: null,
    }),
    "done",
  ],
  ["HTML", " <html></html>", "Bitbucket answered it with HTML instead of JSON"],
  ["cut JSON", '{"values":[', "Bitbucket answered it with JSON that cannot be read"],
  ["brackets in brackets", "[".repeat(1_000_000), "Bitbucket answered it with JSON that nests too deep"],
  [
    "runners that are none",
    `{"values":[${"{},".repeat(100_000)}{}]}`,
    "Bitbucket answered it with JSON that holds too many values",
  ],
  ["nothing", "", "Bitbucket answered it with nothing"],
  ["no fields", "{}", "Bitbucket answered it without a valid «values»"],
  [
    "a runner without state",
    '{"values":[{"uuid":"1","name":"a"}]}',
    "Bitbucket answered it without a valid «values.0.state»",
  ],
];

for (const [what, text, expected] of BODIES) {
  Deno.test(`\`judgeAnswer()\` judges a 200 with ${what}`, () => {
    const verdict = judgeAnswer(PAGE, { status: 200, headers: new Headers(), text }, 0);
    assert.equal(verdict.kind === "fault" ? verdict.fault.describe("it") : verdict.kind, expected);
  });
}

Deno.test("`readJson()` takes an empty body for undefined", () => {
  assert.deepEqual(readJson(" \n"), { ok: true, value: undefined });
});

function summary(call: ApiCall<unknown>, status: number, text: string): Summary {
  const verdict = judgeAnswer(call, { status, headers: new Headers(), text }, 0);
  if (verdict.kind === "refused") return "refused";
  if (verdict.kind === "done") return verdict.reply.ok ? "done" : "answered";
  return verdict.fault.mayHaveActed ? "again, may be done" : "again, not done";
}
