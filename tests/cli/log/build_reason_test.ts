import assert from "node:assert/strict";
import { readReason, reasonError } from "../../../cli/log/build_reason.ts";
import { readLogLines } from "../../../cli/log/container_log.ts";

const ENTERED = "[Container] 2026/11/29 12:00:00.123456 Entering phase PRE_BUILD";
const RUNNING = '[Container] 2026/11/29 12:00:01 Running command "/runner/pre_build.sh"';
const FAILED =
  '[Container] 2026/11/29 12:00:09 Command did not exit successfully "/runner/pre_build.sh" exit status 3';
const MARK = "codebuild-agent pre_build ended with exit code 3: cleaning up after it";

function reasonIn(output: readonly string[], phase = "PRE_BUILD") {
  return readReason(readLogLines([ENTERED, RUNNING, ...output, FAILED], ""), phase);
}

const FOUND: readonly (readonly [what: string, output: readonly string[], found: object | undefined])[] = [
  ["nothing in nothing", [], undefined],
  ["an error and its hint", ["error: no", "hint: do"], { messages: ["no"], hint: "do", exitCode: undefined }],
  ["an error without a hint", ["error: no", "12:00:00 more"], {
    messages: ["no"],
    hint: undefined,
    exitCode: undefined,
  }],
  ["the last of several", ["error: a", "hint: b", "text", "error: c", "hint: d"], {
    messages: ["c"],
    hint: "d",
    exitCode: undefined,
  }],
  ["all problems of a configuration", ["error: a", "error: b", "hint: c"], {
    messages: ["a", "b"],
    hint: "c",
    exitCode: undefined,
  }],
  ["what stands before the agent's cleaning up", ["error: a", "hint: b", MARK, "error: c", "hint: d"], {
    messages: ["a"],
    hint: "b",
    exitCode: 3,
  }],
  ["what the agent says for machines", [
    '{"time":"t","level":"error","message":"a","hint":"b","exitCode":3}',
    "x",
  ], {
    messages: ["a"],
    hint: "b",
    exitCode: 3,
  }],
  ["no hint that stands alone", ["hint: b"], undefined],
  [
    "no warning for machines",
    ['{"time":"t","level":"warning","message":"error: a","exitCode":3}'],
    undefined,
  ],
  ["no broken object", [
    '{"time":"t","level":"error","message":',
    '{"time":"t","level":"error","message":3,"exitCode":3}',
    '{"level":"error","message":"a","exitCode":3}',
    '{"time":"t","level":"error","message":"a"}',
  ], undefined],
  ["nothing that others write", [
    "  error: a",
    "12:00:00   | error: a",
    "Error: a",
    "error a",
    "error:a",
    "x error: a",
    "error: ",
  ], undefined],
];
for (const [what, output, found] of FOUND) {
  Deno.test(`\`readReason()\` finds ${what}`, () => assert.deepEqual(reasonIn(output), found));
}

Deno.test("`readReason()` believes no phase in which a step may have written", () => {
  for (const phase of ["BUILD", "POST_BUILD", "DOWNLOAD_SOURCE"]) {
    assert.equal(reasonIn(["error: forged", "hint: run this"], phase), undefined);
  }
  assert.equal(readReason(readLogLines(["error: forged"], ""), undefined), undefined);
});

const CODES: readonly (readonly [said: number | undefined, status: number | undefined, code: number])[] = [
  [undefined, 2, 2],
  [undefined, 3, 3],
  [undefined, 6, 6],
  [3, 1, 3],
  [undefined, undefined, 5],
  [undefined, 0, 5],
  [undefined, 1, 5],
  [undefined, 4, 5],
  [undefined, 127, 5],
  [undefined, 143, 5],
];
for (const [exitCode, status, code] of CODES) {
  Deno.test(`\`reasonError()\` ends with ${code} where the program says ${exitCode} and CodeBuild ${status}`, () => {
    const error = reasonError({ messages: ["a", "b"], hint: "c", exitCode }, status);
    assert.deepEqual([error.exitCode, error.hint], [code, "c"]);
    assert.equal(error.message, code === 2 ? "a\nb" : "a; b");
  });
}
