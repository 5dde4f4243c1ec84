import assert from "node:assert/strict";
import { readAgentConfig } from "../../../agent/settings/agent_settings.ts";
import { ConfigurationError } from "../../../shared/program/errors.ts";

const LEAST = {
  WORKSPACE_UUID: "{1a000000-0000-4000-8000-000000000001}",
  REPO_UUID: "1a000000-0000-4000-8000-000000000002",
  PIPELINE_UUID: "1a000000-0000-4000-8000-000000000003",
  CODEBUILD_BUILD_ID: "app:0a1b",
  BITBUCKET_ACCESS_TOKEN: "the-token",
};

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readAgentConfig(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems;
  }
}

Deno.test("`readAgentConfig()` takes the least there can be, with the documented defaults", () => {
  const config = readAgentConfig(LEAST);
  assert.deepEqual(config.credentials, { kind: "access token", token: "the-token" });
  const { workspaceUuid, repositoryUuid, pipelineUuid, buildId, labels, multiStep, containerd } = config;
  assert.deepEqual([workspaceUuid, repositoryUuid, pipelineUuid], [
    "{1a000000-0000-4000-8000-000000000001}",
    "{1a000000-0000-4000-8000-000000000002}",
    "{1a000000-0000-4000-8000-000000000003}",
  ]);
  assert.deepEqual([buildId, labels, multiStep, containerd], ["app:0a1b", [], false, false]);
  const { pollIntervalS, idleTimeoutMin, runnerHome, apiUrl, apiTimeoutS, logFormat, runnerType } = config;
  assert.deepEqual([pollIntervalS, idleTimeoutMin, apiTimeoutS], [10, 30, 10]);
  assert.deepEqual([runnerHome, logFormat, runnerType], ["/runner", "text", undefined]);
  assert.match(config.runnerImage, /\/bitbucket-pipelines-runner:5\.6\.0(@sha256:[0-9a-f]{64})?$/);
  assert.equal(apiUrl, "https://api.bitbucket.org/2.0");
});

Deno.test("`readAgentConfig()` takes everything that can be set", () => {
  const config = readAgentConfig({
    ...LEAST,
    LAUNCHER_STEP_UUID: "1a000000-0000-4000-8000-000000000004",
    RUNNER_TYPE: "docker",
    RUNNER_LABEL: "gpu,big",
    MULTI_STEP: "true",
    RUNNER_OWN_PIPELINE_ONLY: "true",
    RUNNER_LINGER: "30",
    DOCKER_CONTAINERD: "1",
    BITBUCKET_POLL_INTERVAL: "30",
    RUNNER_IDLE_TIMEOUT: "0",
    RUNNER_IMAGE: "mirror/runner:6",
    RUNNER_HOME: "/opt/runner",
    LOG_FORMAT: "json",
  });
  const { launcherStep, runnerType, labels, multiStep, ownPipelineOnly, containerd } = config;
  assert.deepEqual([launcherStep, runnerType, labels], ["{1a000000-0000-4000-8000-000000000004}", "docker", [
    "gpu",
    "big",
  ]]);
  assert.deepEqual([multiStep, ownPipelineOnly, containerd], [true, true, true]);
  const { pollIntervalS, idleTimeoutMin, lingerMin, runnerImage, runnerHome, logFormat } = config;
  assert.deepEqual([pollIntervalS, idleTimeoutMin, lingerMin], [30, 0, 30]);
  assert.deepEqual([runnerImage, runnerHome, logFormat], ["mirror/runner:6", "/opt/runner", "json"]);
});

Deno.test("`readAgentConfig()` reports all that is missing at once", () => {
  const problems = problemsOf({});
  assert.equal(problems.length, 5);
  for (const name of ["WORKSPACE_UUID", "REPO_UUID", "PIPELINE_UUID", "CODEBUILD_BUILD_ID"]) {
    assert.ok(
      problems.some((problem) => problem.startsWith("Missing the ") && problem.includes(`: set ${name}`)),
      name,
    );
  }
  assert.match(
    problems[4] ?? "",
    /^Missing Bitbucket credentials: set .* in the pipeline or in the CodeBuild project$/,
  );
});

const INVALID: readonly [variable: string, value: string, expected: RegExp][] = [
  ["WORKSPACE_UUID", "a/b", /takes a UUID, with or without braces, as in \{1b2c3d4e-\S+$/],
  ["RUNNER_LABEL", "GPU", /Label «GPU» has other characters/],
  ["MULTI_STEP", "maybe", /takes true or 1, false or 0$/],
  ["BITBUCKET_POLL_INTERVAL", "0", /takes a whole number of seconds from 1 to 600$/],
  ["RUNNER_IDLE_TIMEOUT", "-1", /takes a whole number of minutes from 0 to 2160$/],
  ["RUNNER_TYPE", "windows", /takes one of shell, docker$/],
  ["BITBUCKET_API_URL", "api.bitbucket.org", /takes a URL that starts with https/],
  [
    "BITBUCKET_OAUTH_CLIENT_ID",
    "key",
    /BITBUCKET_OAUTH_CLIENT_ID is set, so set BITBUCKET_OAUTH_CLIENT_SECRET too/,
  ],
  ["BITBUCKET_API_TOKEN", "token", /BITBUCKET_API_TOKEN is set, so set BITBUCKET_API_EMAIL too/],
];

for (const [variable, value, expected] of INVALID) {
  Deno.test(`\`readAgentConfig()\` refuses ${variable}=${value}`, () => {
    const problems = problemsOf({ ...LEAST, [variable]: value });
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", expected);
  });
}

Deno.test("`readAgentConfig()` does not call half a pair of credentials none as well", () => {
  const { BITBUCKET_ACCESS_TOKEN: _, ...none } = LEAST;
  const problems = problemsOf({ ...none, BITBUCKET_OAUTH_CLIENT_SECRET: "hush-hush" });
  assert.equal(problems.length, 1);
  assert.ok(!problems.join().includes("hush-hush"));
});
