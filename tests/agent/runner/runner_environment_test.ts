import assert from "node:assert/strict";
import { runnerEnvironment } from "../../../agent/runner/runner_environment.ts";
import { agentVariables } from "../../../shared/settings/forwarded_variables.ts";

const OF_THE_AGENT = [
  ...["BITBUCKET_OAUTH_CLIENT_ID", "BITBUCKET_OAUTH_CLIENT_SECRET", "BITBUCKET_ACCESS_TOKEN"],
  ...["BITBUCKET_API_EMAIL", "BITBUCKET_API_TOKEN", "BITBUCKET_API_URL", "BITBUCKET_OAUTH_TOKEN_URL"],
  ...["WORKSPACE_UUID", "REPO_UUID", "PIPELINE_UUID", "LAUNCHER_STEP_UUID", "RUNNER_TYPE", "RUNNER_LABEL"],
  ...["RUNNER_HOME", "RUNNER_IMAGE", "RUNNER_IDLE_TIMEOUT", "RUNNER_RELEASE_URL", "MULTI_STEP"],
  ...["DOCKER_CONTAINERD", "BITBUCKET_POLL_INTERVAL", "LOG_FORMAT", "API_TIMEOUT"],
];
const OF_THE_BUILD = {
  BITBUCKET_BRANCH: "main",
  CODEBUILD_BUILD_ID: "app:1",
  CODEBUILD_SRC_DIR: "/codebuild/src",
  AWS_REGION: "eu-west-1",
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials",
  RUNNER_FLAVOUR: "mine",
  PATH: "/bin",
};

Deno.test("`runnerEnvironment()` leaves out what the agent reads, and nothing else", () => {
  const own = [...OF_THE_AGENT, ...agentVariables()].map((name) => [name, "x"]);
  assert.deepEqual(runnerEnvironment({ ...Object.fromEntries(own), ...OF_THE_BUILD }), OF_THE_BUILD);
});
