import assert from "node:assert/strict";
import { sessionFindings } from "../../../../cli/doctor/findings/session_findings.ts";
import type { Build, Project } from "../../../../shared/aws/aws_codebuild.ts";
import { RunnerError } from "../../../../shared/program/errors.ts";

const PROJECT: Project = { serviceRole: "arn:aws:iam::123456789012:role/ci-build" };
const DEBUG = { debugMinutes: 30 };

function build(debugSession: Build["debugSession"], buildComplete = true): Build {
  return { id: "ci:1", buildComplete, debugSession };
}

Deno.test("`sessionFindings()` goes by the newest build that was to have a session and is over", () => {
  const table: readonly (readonly [readonly Build[], verdict: string, remedy: RegExp | undefined])[] = [
    [[build({ sessionEnabled: true, sessionTarget: "codebuild:1" })], "ok", undefined],
    [
      [build({ sessionEnabled: false }), build({ sessionEnabled: true, sessionTarget: "t" })],
      "ok",
      undefined,
    ],
    [
      [build({ sessionEnabled: true })],
      "FAIL",
      /allow the project's service role ssmmessages:CreateControlChannel/,
    ],
    // It may have none yet.
    [[build({ sessionEnabled: true }, false)], "unknown", /simulate-principal-policy .*role\/ci-build/],
    [[build({ sessionEnabled: false })], "unknown", /simulate-principal-policy/],
    [[], "unknown", /ssmmessages:OpenDataChannel tells it/],
  ];
  for (const [value, verdict, remedy] of table) {
    const [finding, ...others] = sessionFindings(DEBUG, PROJECT, { value });
    assert.deepEqual([finding?.check, finding?.verdict, others], ["session", verdict, []]);
    if (remedy === undefined) assert.equal(finding?.remedy, undefined);
    else assert.match(finding?.remedy ?? "", remedy);
  }
});

Deno.test("`sessionFindings()` knows nothing where builds cannot be seen, and says nothing where none is held", () => {
  const error = new RunnerError("refused");
  assert.equal(sessionFindings(DEBUG, undefined, { error })[0]?.verdict, "unknown");
  for (const debugMinutes of [undefined, 0]) {
    assert.deepEqual(sessionFindings({ debugMinutes }, PROJECT, { value: [] }), []);
  }
});
