import assert from "node:assert/strict";
import { readAgentConfig } from "../../../agent/settings/agent_settings.ts";
import { ConfigurationError } from "../../../shared/program/errors.ts";
import { type RunnerIdentity, writeIdentities } from "../../../shared/settings/runner_identity.ts";

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
  const { workspaceUuid, repositoryUuid, pipelineUuid, buildId, labels, multiStep, runnerCount, containerd } =
    config;
  assert.deepEqual([workspaceUuid, repositoryUuid, pipelineUuid], [
    "{1a000000-0000-4000-8000-000000000001}",
    "{1a000000-0000-4000-8000-000000000002}",
    "{1a000000-0000-4000-8000-000000000003}",
  ]);
  assert.deepEqual([buildId, labels, multiStep, runnerCount, containerd], ["app:0a1b", [], false, 1, false]);
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
    RUNNER_COUNT: "4",
    RUNNER_OWN_PIPELINE_ONLY: "true",
    RUNNER_LINGER: "30",
    DOCKER_CONTAINERD: "1",
    BITBUCKET_POLL_INTERVAL: "30",
    RUNNER_IDLE_TIMEOUT: "0",
    RUNNER_IMAGE: "mirror/runner:6",
    RUNNER_HOME: "/opt/runner",
    LOG_FORMAT: "json",
  });
  const { launcherStep, runnerType, labels, multiStep, runnerCount, ownPipelineOnly, containerd } = config;
  assert.deepEqual([launcherStep, runnerType, labels], ["{1a000000-0000-4000-8000-000000000004}", "docker", [
    "gpu",
    "big",
  ]]);
  assert.deepEqual([multiStep, runnerCount, ownPipelineOnly, containerd], [true, 4, true, true]);
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
  ["RUNNER_COUNT", "33", /takes a whole number of runners from 1 to 32$/],
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

const identitiesOf = (count: number) =>
  Array.from({ length: count }, (_, index): RunnerIdentity => ({
    uuid: `{r-${index}}`,
    clientId: "id",
    clientSecret: `hush-hush-${index}`,
    type: "shell",
    arch: "x86_64",
  }));
const variablesOf = (count: number) =>
  Object.fromEntries(writeIdentities(identitiesOf(count)).map(({ name, value }) => [name, value]));

Deno.test("`readAgentConfig()` has an identity for each runner, in their order, the first one for the first runner", () => {
  for (const count of [1, 2, 16, 17, 32]) {
    const config = readAgentConfig({ ...LEAST, ...variablesOf(count), RUNNER_COUNT: `${count}` });
    assert.deepEqual(config.identities, identitiesOf(count));
    assert.deepEqual(config.identity, identitiesOf(1)[0]);
    assert.deepEqual([config.credentials, config.surplusCredentials], [undefined, true]);
    assert.equal(config.idleTimeoutMin, 5);
  }
  const none = readAgentConfig(LEAST);
  assert.deepEqual([none.identities, none.identity], [[], undefined]);
});

Deno.test("`readAgentConfig()` refuses fewer identities than runners, and says where the number belongs", () => {
  for (const [identities, runners] of [[1, 4], [16, 17]] as const) {
    const problems = problemsOf({ ...LEAST, ...variablesOf(identities), RUNNER_COUNT: `${runners}` });
    assert.equal(problems.length, 1, problems.join());
    assert.match(
      problems[0] ?? "",
      new RegExp(
        `^Cannot host ${runners} runners, .* has registered ${identities}; give --runners ${runners} to`,
      ),
    );
  }
});

Deno.test("`readAgentConfig()` does not call identities that nobody can read missing credentials as well", () => {
  const { BITBUCKET_ACCESS_TOKEN: _, ...none } = LEAST;
  for (const name of ["RUNNER_IDENTITY", "RUNNER_IDENTITY_2"]) {
    const problems = problemsOf({ ...none, ...variablesOf(20), [name]: "hush-hush", RUNNER_COUNT: "20" });
    assert.equal(problems.length, 1, problems.join());
    assert.match(problems[0] ?? "", new RegExp(`^Cannot use the value given from ${name}: `));
  }
});
