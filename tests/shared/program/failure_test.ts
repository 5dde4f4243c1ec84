import assert from "node:assert/strict";
import { ConfigurationError, InterruptedError, RunnerError } from "../../../shared/program/errors.ts";
import { failureExitCode, failureLines, interruptionIn } from "../../../shared/program/failure.ts";

const HINT = "hint: This is a defect of the program; please report it with the lines above";

const TABLE: readonly { error: unknown; lines: string[]; exitCode: number }[] = [
  { error: new RunnerError("It broke"), lines: ["error: It broke"], exitCode: 1 },
  {
    error: new RunnerError("It broke", { hint: "Mend it" }),
    lines: ["error: It broke", "hint: Mend it"],
    exitCode: 1,
  },
  {
    error: new ConfigurationError(["First", "Second"], { hint: "Look there" }),
    lines: ["error: First", "error: Second", "hint: Look there"],
    exitCode: 2,
  },
  {
    error: new TypeError("x is null"),
    lines: ["error: Unexpected failure: TypeError: x is null", HINT],
    exitCode: 1,
  },
  { error: "a thrown text", lines: ["error: Unexpected failure: a thrown text", HINT], exitCode: 1 },
];

Deno.test("`failureLines()` and `failureExitCode()` word a failure and give it its code", () => {
  for (const { error, lines, exitCode } of TABLE) {
    assert.deepEqual(failureLines(error), lines);
    assert.equal(failureExitCode(error), exitCode);
  }
});

Deno.test("`interruptionIn()` finds the interruption behind a failure", () => {
  const interruption = new InterruptedError("SIGTERM");
  const calm = new AbortController().signal;
  const other = new Error("aborted");
  assert.equal(interruptionIn(interruption, calm), interruption);
  assert.equal(interruptionIn(other, AbortSignal.abort(interruption)), interruption);
  assert.equal(interruptionIn(other, calm), undefined);
  assert.equal(interruptionIn(other, AbortSignal.abort(new Error("a time limit"))), undefined);
});
