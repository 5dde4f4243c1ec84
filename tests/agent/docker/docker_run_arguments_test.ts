import assert from "node:assert/strict";
import { dockerRunArguments, runnerContainer } from "../../../agent/docker/docker_run_arguments.ts";
import type { RunnerLaunch } from "../../../agent/runner/runner.ts";

const LAUNCH: RunnerLaunch = {
  runnerName: "codebuild-app-1",
  runnerUuid: "{u}",
  workspaceUuid: "{w}",
  repositoryUuid: "{r}",
  oauthClientId: "the-id",
  oauthClientSecret: "the-secret",
  workingDirectory: "/codebuild/work",
  logFile: "/log",
};
const RUN = { launch: LAUNCH, image: "image:1", env: {}, dockerRoot: "/var/lib/docker" };

Deno.test("`dockerRunArguments()` starts the runner as Atlassian's page says, values in the environment", () => {
  const { args, env } = dockerRunArguments(RUN);
  assert.equal(
    args.join(" "),
    "run --detach --name codebuild-app-1 --label aws-bitbucket-runner={u} --log-driver json-file --log-opt max-size=1000p " +
      "--volume /codebuild/work:/codebuild/work --volume /tmp:/tmp " +
      "--volume /var/run/docker.sock:/var/run/docker.sock " +
      "--volume /var/lib/docker/containers:/var/lib/docker/containers:ro " +
      "--env ACCOUNT_UUID --env REPOSITORY_UUID --env RUNNER_UUID --env OAUTH_CLIENT_ID --env OAUTH_CLIENT_SECRET " +
      "--env RUNTIME_PREREQUISITES_ENABLED --env WORKING_DIRECTORY image:1",
  );
  assert.deepEqual(env, {
    ACCOUNT_UUID: "{w}",
    REPOSITORY_UUID: "{r}",
    RUNNER_UUID: "{u}",
    OAUTH_CLIENT_ID: "the-id",
    OAUTH_CLIENT_SECRET: "the-secret",
    RUNTIME_PREREQUISITES_ENABLED: "true",
    WORKING_DIRECTORY: "/codebuild/work",
  });
});

Deno.test("`dockerRunArguments()` passes on what the build sets of the runner's own variables", () => {
  const env = {
    HTTPS_PROXY: "p",
    no_proxy: "n",
    HTTP_PROXY: "",
    PAUSE_IMAGE: "i",
    BITBUCKET_ACCESS_TOKEN: "t",
  };
  const { args } = dockerRunArguments({ ...RUN, env });
  const names = args.filter((_, index) => args[index - 1] === "--env").slice(7);
  assert.deepEqual(names, ["HTTPS_PROXY", "no_proxy", "PAUSE_IMAGE"]);
});

Deno.test("`dockerRunArguments()` mounts a working directory below /tmp once, and the socket and folder in use", () => {
  const env = { DOCKER_HOST: "unix:///run/user/1/docker.sock" };
  for (const workingDirectory of ["/tmp", "/tmp/", "/tmp/work"]) {
    const launch = { ...LAUNCH, workingDirectory };
    const { args } = dockerRunArguments({ ...RUN, launch, env, dockerRoot: "/data" });
    assert.deepEqual(args.filter((_, index) => args[index - 1] === "--volume"), [
      "/tmp:/tmp",
      "/run/user/1/docker.sock:/var/run/docker.sock",
      "/data/containers:/var/lib/docker/containers:ro",
    ]);
  }
});

Deno.test("`runnerContainer()` keeps to the characters that Docker allows", () => {
  assert.equal(runnerContainer("codebuild-My_App.2-1a2b"), "codebuild-My_App.2-1a2b");
  assert.equal(runnerContainer("codebuild-x:1 {2}"), "codebuild-x-1--2-");
});
