import assert from "node:assert/strict";
import * as errors from "../../../shared/program/errors.ts";

const CODES: readonly [errors.ProgramError, string, number][] = [
  [new errors.ConfigurationError(["a", "b"]), "ConfigurationError", 2],
  [new errors.CredentialsError("x"), "CredentialsError", 3],
  [new errors.BuildNotStartedError("x"), "BuildNotStartedError", 4],
  [new errors.BuildEndedError("x"), "BuildEndedError", 5],
  [new errors.TimeoutError("x"), "TimeoutError", 6],
  [new errors.RunnerError("x"), "RunnerError", 1],
  [new errors.InterruptedError("SIGINT"), "InterruptedError", 130],
  [new errors.InterruptedError("SIGTERM"), "InterruptedError", 143],
  [new errors.ApiError("x", { call: "StartBuild" }), "ApiError", 1],
];

Deno.test("each class of failure has its name and its exit code", () => {
  for (const [error, name, exitCode] of CODES) {
    assert.deepEqual([error.name, error.exitCode], [name, exitCode]);
    assert.ok(error instanceof errors.ProgramError);
  }
});

Deno.test("a failure carries its hint, its cause and its details", () => {
  const cause = new Error("connection reset");
  const error = new errors.ApiError(
    "Cannot start build: CodeBuild answered 400",
    { call: "StartBuild", status: 400, requestId: "r-1" },
    { hint: "look there", cause },
  );
  assert.deepEqual(
    [error.message, error.call, error.status, error.requestId, error.hint, error.cause],
    ["Cannot start build: CodeBuild answered 400", "StartBuild", 400, "r-1", "look there", cause],
  );
  assert.equal("cause" in new errors.RunnerError("x"), false);
  assert.deepEqual(new errors.ConfigurationError(["a", "b"]).problems, ["a", "b"]);
});

Deno.test("messageOf() words whatever is thrown", () => {
  const thrown = [new errors.RunnerError("It broke"), "a text", undefined];
  assert.deepEqual(thrown.map(errors.messageOf), ["It broke", "a text", "undefined"]);
});
