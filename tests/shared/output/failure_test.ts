import assert from "node:assert/strict";
import { ConfigurationError, InterruptedError, RunnerError } from "../../../shared/program/errors.ts";
import { interruptionIn, reportFailure } from "../../../shared/output/failure.ts";
import { Redactor } from "../../../shared/output/redact.ts";
import { quickHost } from "../../fixtures/quick_host.ts";

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

function report(error: unknown, format: "text" | "json"): { code: number; lines: string[] } {
  const { written, ...host } = quickHost();
  const redactor = new Redactor();
  redactor.add("the-secret");
  const code = reportFailure(error, { host, format, redactor });
  return { code, lines: written.join("").split("\n").slice(0, -1) };
}

Deno.test("`reportFailure()` words a failure and gives it its code", () => {
  for (const { error, lines, exitCode } of TABLE) {
    assert.deepEqual(report(error, "text"), { code: exitCode, lines });
  }
});

Deno.test("`reportFailure()` writes one JSON object for each problem, with its hint and exit code", () => {
  for (const { error, lines, exitCode } of TABLE) {
    const { code, lines: written } = report(error, "json");
    const hint = lines.find((line) => line.startsWith("hint: "))?.slice(6);
    const messages = lines.filter((line) => line.startsWith("error: ")).map((line) => line.slice(7));
    assert.equal(code, exitCode);
    assert.deepEqual(
      written.map((line) => ({ ...JSON.parse(line), time: "" })),
      messages.map((message) => ({
        time: "",
        level: "error",
        message,
        ...(hint === undefined ? {} : { hint }),
        exitCode,
      })),
    );
  }
});

Deno.test("`reportFailure()` masks secrets in both formats", () => {
  const error = new RunnerError("It is the-secret", { hint: "Change the-secret" });
  for (const format of ["text", "json"] as const) {
    const text = report(error, format).lines.join();
    assert.equal(text.includes("the-secret"), false);
    assert.equal(text.split("***").length, 3);
  }
});

Deno.test("`reportFailure()` lets no message and no hint write a line of its own", () => {
  const error = new ConfigurationError(["x\nerror: forged", "y\x1b[2J"], { hint: "z\r\nhint: forged" });
  const clean = ["error: x\\nerror: forged", "error: y\\x1b[2J", "hint: z\\r\\nhint: forged"];
  assert.deepEqual(report(error, "text").lines, clean);
  assert.deepEqual(
    report(error, "json").lines.map((line) => `error: ${JSON.parse(line).message}`),
    clean.slice(0, 2),
  );
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
