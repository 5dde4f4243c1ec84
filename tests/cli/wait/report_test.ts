import assert from "node:assert/strict";
import type { KnownBuild } from "../../../shared/aws/aws_codebuild.ts";
import { failedPhase, runnerState } from "../../../cli/wait/build_progress.ts";
import { logPlace } from "../../../cli/log/build_log.ts";
import { buildEnded, consoleLink, phaseExplanations, startupTimeout } from "../../../cli/wait/report.ts";
import { symptomHint } from "../../../cli/wait/symptoms.ts";

const ID = "ci:00000000-0000-4000-8000-000000000001";

function failed(phaseType: string, statusCode: string, message: string, status = "FAILED"): KnownBuild {
  return {
    id: ID,
    buildComplete: true,
    buildStatus: status,
    currentPhase: "COMPLETED",
    phases: [
      { phaseType: "SUBMITTED", phaseStatus: "SUCCEEDED" },
      { phaseType, phaseStatus: status, contexts: [{ statusCode, message }] },
      { phaseType: "COMPLETED" },
    ],
  } as KnownBuild;
}

Deno.test("`symptomHint()` names what to change", () => {
  const cases: readonly (readonly [KnownBuild, RegExp])[] = [
    [
      failed("PROVISIONING", "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE", "Unable to pull customer's image"),
      /--image/,
    ],
    [
      failed("PROVISIONING", "CLIENT_ERROR", "toomanyrequests: You have reached your pull rate limit"),
      /registry of your/,
    ],
    [
      failed("QUEUED", "INSUFFICIENT_SUBNET", "The provided subnets have no free addresses"),
      /subnet with free/,
    ],
    [failed("DOWNLOAD_SOURCE", "YAML_FILE_ERROR", "could not find expected ':'"), /--custom-buildspec/],
    [
      failed("DOWNLOAD_SOURCE", "CLIENT_ERROR", "AccessDenied: ssm:GetParameters"),
      /service role must be allowed ssm/,
    ],
    [
      failed("DOWNLOAD_SOURCE", "CLIENT_ERROR", "Secrets Manager can't find the secret"),
      /secretsmanager:GetSecretValue/,
    ],
    [failed("QUEUED", "", "", "TIMED_OUT"), /--queued-timeout/],
    [failed("PROVISIONING", "CLIENT_ERROR", "Build container found dead"), /privileged mode/],
    [failed("INSTALL", "COMMAND_EXECUTION_ERROR", "exit status 1"), /--release-url/],
    [failed("PRE_BUILD", "COMMAND_EXECUTION_ERROR", "exit status 1"), /stand in the build's log/],
    [failed("PRE_BUILD", "", "", "TIMED_OUT"), /--timeout/],
    [failed("BUILD", "", "", "STOPPED"), /CloudTrail/],
    [failed("FINALIZING", "INTERNAL", "", "FAULT"), /run the step again/],
    [
      failed("DOWNLOAD_SOURCE", "CLIENT_ERROR", "PARAMETER_STORE variable X: ParameterNotFound"),
      /must exist in this region/,
    ],
    [{ id: ID, buildStatus: "SUCCEEDED" }, /does not run the agent/],
    [{ id: ID }, /console/],
  ];
  for (const [build, hint] of cases) assert.match(symptomHint(build), hint);
});

Deno.test("`buildEnded()` says status, phase and CodeBuild's own explanation", () => {
  const error = buildEnded(failed("INSTALL", "COMMAND_EXECUTION_ERROR", "Reason: exit status 1\n"));
  assert.equal(error.exitCode, 5);
  assert.equal(
    error.message,
    `Build ${ID} ended with FAILED in phase INSTALL before its runner was online: ` +
      "COMMAND_EXECUTION_ERROR: Reason: exit status 1",
  );
});

Deno.test("`buildEnded()` cuts CodeBuild's explanation to its first line, and keeps how the command ended", () => {
  const message =
    "Error while executing command: (\n  echo 'error: no'\n  exit 3\n). Reason: exit status 3\n";
  const error = buildEnded(failed("INSTALL", "COMMAND_EXECUTION_ERROR", message));
  assert.match(
    error.message,
    /: COMMAND_EXECUTION_ERROR: Error while executing command: \(… Reason: exit status 3$/,
  );
});

Deno.test("`phaseExplanations()` shows explanations of phases, but for that of the failure itself", () => {
  const build = failed("INSTALL", "COMMAND_EXECUTION_ERROR", "exit status 1");
  assert.deepEqual(phaseExplanations(build, undefined), [
    "Phase INSTALL: COMMAND_EXECUTION_ERROR: exit status 1",
  ]);
  assert.deepEqual(phaseExplanations(build, "INSTALL"), []);
});

Deno.test("`startupTimeout()` gives the hint that belongs to the phase", () => {
  const cases = [["QUEUED", /did not say any more/], ["PROVISIONING", /image/], ["PRE_BUILD", /log/], [
    undefined,
    /log/,
  ]] as const;
  for (const [currentPhase, hint] of cases) {
    const error = startupTimeout(60, { id: ID, currentPhase } as KnownBuild);
    assert.equal(error.exitCode, 6);
    assert.match(error.message, /not online within 60 s: build ci:\S+ is in /);
    assert.match(error.hint ?? "", hint);
  }
});

Deno.test("`consoleLink()` knows the consoles of all partitions, and does without an ARN", () => {
  const link = (arn?: string) => consoleLink({ id: ID, ...(arn ? { arn } : {}) }, "eu-west-1");
  const rest = `projects/ci/build/${encodeURIComponent(ID)}/?region=eu-west-1`;
  assert.equal(link(), `https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/${rest}`);
  assert.equal(
    link("arn:aws:codebuild:eu-west-1:123456789012:build/x"),
    `https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/123456789012/${rest}`,
  );
  assert.match(link("arn:aws-cn:codebuild:cn-north-1:1:build/x"), /console\.amazonaws\.cn/);
  assert.match(link("arn:aws-us-gov:codebuild:us-gov-west-1:1:build/x"), /console\.amazonaws-us-gov\.com/);
});

Deno.test("`logPlace()` takes names for missing until CodeBuild has made the stream", () => {
  assert.equal(logPlace({}), undefined);
  assert.equal(logPlace({ logs: { groupName: "null", streamName: "null" } }), undefined);
  assert.equal(logPlace({ logs: { groupName: "/aws/codebuild/ci" } }), undefined);
  assert.deepEqual(logPlace({ logs: { groupName: "g", streamName: "s" } }), { group: "g", stream: "s" });
});

Deno.test("`runnerState()` tells online from waiting and ended", () => {
  const running = { id: ID, buildStatus: "IN_PROGRESS", buildComplete: false } as const;
  const prepared = [{ phaseType: "PRE_BUILD", phaseStatus: "SUCCEEDED" }] as const;
  const broken = [{ phaseType: "PRE_BUILD", phaseStatus: "FAILED" }] as const;
  assert.equal(runnerState({ ...running, currentPhase: "QUEUED" }), "waiting");
  assert.equal(runnerState({ ...running, currentPhase: "PRE_BUILD" }), "waiting");
  assert.equal(runnerState({ ...running, currentPhase: "BUILD" }), "online");
  assert.equal(runnerState({ ...running, currentPhase: "POST_BUILD", phases: [...prepared] }), "online");
  assert.equal(runnerState({ ...running, currentPhase: "FINALIZING", phases: [...broken] }), "waiting");
  assert.equal(runnerState({ ...running, buildStatus: "FAILED", currentPhase: "FINALIZING" }), "waiting");
  assert.equal(runnerState({ ...running, buildStatus: "FAILED", currentPhase: "COMPLETED" }), "ended");
  const over = { ...running, buildStatus: "SUCCEEDED", buildComplete: true } as const;
  assert.equal(runnerState({ ...over, currentPhase: "COMPLETED", phases: [...prepared] }), "ended");
});

Deno.test("`failedPhase()` prefers the phase that explains itself", () => {
  const phases = [
    { phaseType: "BUILD", phaseStatus: "FAILED" },
    { phaseType: "UPLOAD_ARTIFACTS", phaseStatus: "FAILED", contexts: [{ message: "why" }] },
  ] as const;
  assert.equal(
    failedPhase({ phases: phases.map((phase) => ({ ...phase })) } as KnownBuild)?.phaseType,
    "UPLOAD_ARTIFACTS",
  );
});
