import assert from "node:assert/strict";
import { buildRequest, idempotencyToken } from "../../../cli/request/build_request.ts";
import { buildspec } from "../../../cli/request/buildspec.ts";
import { PROJECTS_VARIABLES } from "../../../shared/settings/guarded_variables.ts";
import { startConfig } from "../../../cli/options/start_config.ts";
import { stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const STEP = stepEnvironment({ url: "http://127.0.0.1:1" });
const AMD_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0";
const ARM_IMAGE = "aws/codebuild/amazonlinux-aarch64-standard:3.0";

function request(env: Record<string, string> = {}) {
  const { config, problems } = startConfig({}, { ...STEP, ...env });
  assert.deepEqual(problems, []);
  return buildRequest(config);
}

function variables(env: Record<string, string> = {}): Record<string, string | undefined> {
  const list = request(env).environmentVariablesOverride ?? [];
  assert.ok(list.every(({ type }) => type === "PLAINTEXT"));
  assert.equal(new Set(list.map(({ name }) => name)).size, list.length);
  return Object.fromEntries(list.map(({ name, value }) => [name ?? "", value]));
}

const OTHER = "99999999-0000-4000-8000-000000000009";

Deno.test("`buildRequest()` asks for nothing beyond the generated buildspec and the variables by default", () => {
  const { environmentVariablesOverride: _, ...rest } = request();
  const { config } = startConfig({}, STEP);
  assert.deepEqual(rest, {
    projectName: "ci",
    buildspecOverride: buildspec(config),
    autoRetryLimitOverride: 0,
  });
});

Deno.test("`buildRequest()` leaves the project its own buildspec when asked to", () => {
  assert.equal(request({ CUSTOM_BUILDSPEC: "1" }).buildspecOverride, undefined);
});

Deno.test("`buildRequest()` sends every override", () => {
  const sent = request({
    CODEBUILD_TIMEOUT: "30",
    CODEBUILD_QUEUED_TIMEOUT: "10",
    CODEBUILD_COMPUTE_TYPE: "large",
    CODEBUILD_IMAGE: "example/image:1",
    CODEBUILD_ENVIRONMENT_TYPE: "ARM_EC2",
  });
  assert.equal(sent.timeoutInMinutesOverride, 30);
  assert.equal(sent.queuedTimeoutInMinutesOverride, 10);
  assert.equal(sent.computeTypeOverride, "BUILD_GENERAL1_LARGE");
  assert.equal(sent.imageOverride, "example/image:1");
  assert.equal(sent.environmentTypeOverride, "ARM_EC2");
  assert.equal(sent.autoRetryLimitOverride, 0);
});

Deno.test("`buildRequest()` derives environment type and pull credentials from the image", () => {
  const cases = [
    [AMD_IMAGE, "LINUX_CONTAINER", "CODEBUILD"],
    ["aws/codebuild/standard:7.0", "LINUX_CONTAINER", "CODEBUILD"],
    [ARM_IMAGE, "ARM_CONTAINER", "CODEBUILD"],
    ["aws/codebuild/ami/amazonlinux-x86_64-base:latest", "LINUX_EC2", "CODEBUILD"],
    ["aws/codebuild/ami/amazonlinux-arm-base:latest", "ARM_EC2", "CODEBUILD"],
    ["123456789012.dkr.ecr.eu-west-1.amazonaws.com/build:1", undefined, "SERVICE_ROLE"],
    ["public.ecr.aws/docker/library/debian:12", undefined, undefined],
    ["debian:12", undefined, undefined],
  ] as const;
  for (const [image, type, credentials] of cases) {
    const sent = request({ CODEBUILD_IMAGE: image });
    assert.equal(sent.environmentTypeOverride, type, image);
    assert.equal(sent.imagePullCredentialsTypeOverride, credentials, image);
  }
});

Deno.test("`buildRequest()` asks for a session where a failed build is to be held, and hands on for how long", () => {
  const cases = [[undefined, undefined], ["0", undefined], ["30", true]] as const;
  for (const [minutes, enabled] of cases) {
    const env = minutes === undefined ? {} : { RUNNER_DEBUG: minutes };
    assert.equal(request(env).debugSessionEnabled, enabled);
    assert.equal(variables(env)["RUNNER_DEBUG"], minutes);
  }
});

Deno.test("`buildRequest()` asks for privileged mode for the docker runner only", () => {
  assert.equal(request({ RUNNER_TYPE: "docker" }).privilegedModeOverride, true);
  assert.ok(!("privilegedModeOverride" in request()));
});

Deno.test("`buildRequest()` asks for no privileged mode where there is no container", () => {
  const docker = (env: Record<string, string>) => request({ RUNNER_TYPE: "docker", ...env });
  const image = "aws/codebuild/ami/amazonlinux-arm-base:latest";
  for (const env of [{ CODEBUILD_IMAGE: image }, { CODEBUILD_ENVIRONMENT_TYPE: "LINUX_EC2" }]) {
    assert.ok(!("privilegedModeOverride" in docker(env)), JSON.stringify(env));
  }
  const { config } = startConfig({}, { ...STEP, RUNNER_TYPE: "docker", CODEBUILD_FLEET: "builders" });
  assert.equal(buildRequest(config).privilegedModeOverride, true);
  assert.ok(!("privilegedModeOverride" in buildRequest({ ...config, fleetType: "ARM_EC2" })));
});

Deno.test("`buildRequest()` names pipeline and step to the agent, and leaves unset what is not set", () => {
  assert.deepEqual(variables(), {
    WORKSPACE_UUID: STEP["BITBUCKET_REPO_OWNER_UUID"],
    REPO_UUID: STEP["BITBUCKET_REPO_UUID"],
    PIPELINE_UUID: STEP["BITBUCKET_PIPELINE_UUID"],
    LAUNCHER_STEP_UUID: STEP["BITBUCKET_STEP_UUID"],
    RUNNER_REPOSITORY: "app",
    RUNNER_PIPELINE_NUMBER: "7",
    RUNNER_TYPE: "shell",
    API_TIMEOUT: "1",
  });
});

Deno.test("`buildRequest()` puts braces around UUIDs that came without", () => {
  assert.equal(variables({ BITBUCKET_PIPELINE_UUID: OTHER })["PIPELINE_UUID"], `{${OTHER}}`);
});

Deno.test("`buildRequest()` hands on options, the agent's settings and the user's variables", () => {
  const handedOn = {
    BITBUCKET_POLL_INTERVAL: "20",
    RUNNER_IDLE_TIMEOUT: "5",
    RUNNER_RELEASE_URL: "https://mirror.test/v1",
    API_TIMEOUT: "20",
    LOG_FORMAT: "json",
  };
  const all = variables({
    ...handedOn,
    RUNNER_LABEL: "b, a",
    MULTI_STEP: "1",
    RUNNER_COUNT: " 4",
    RUNNER_OWN_PIPELINE_ONLY: "1",
    RUNNER_LINGER: "30",
    DOCKER_CONTAINERD: "0",
    CODEBUILD_ENV_NODE_ENV: "test",
    CODEBUILD_ENV_EMPTY: "",
  });
  for (const [name, value] of Object.entries(handedOn)) assert.equal(all[name], value, name);
  assert.equal(all["RUNNER_LABEL"], "b,a");
  assert.equal(all["MULTI_STEP"], "true");
  assert.equal(all["RUNNER_COUNT"], "4");
  assert.equal(all["RUNNER_OWN_PIPELINE_ONLY"], "true");
  assert.equal(all["RUNNER_LINGER"], "30");
  assert.equal(all["DOCKER_CONTAINERD"], "false");
  assert.equal(all["NODE_ENV"], "test");
  assert.equal(all["EMPTY"], "");
  assert.equal(all["BITBUCKET_STEP_OIDC_TOKEN"], undefined);
});

Deno.test("`buildRequest()` hands on no addresses, images, homes or loaders of the step's, nor its credentials", () => {
  const planted = {
    ...Object.fromEntries(PROJECTS_VARIABLES.map((name) => [name, "https://planted.example"])),
    BITBUCKET_OAUTH_CLIENT_ID: "planted",
    BITBUCKET_OAUTH_CLIENT_SECRET: "planted",
    BITBUCKET_ACCESS_TOKEN: "planted",
    LD_PRELOAD: "/planted.so",
    PATH: "/planted",
    DOCKER_HOST: "tcp://planted:1",
    RUNNER_IDENTITY: "planted",
    RUNNER_SEALED: "planted",
    AWS_ENDPOINT_URL_KMS: "https://planted.example",
  };
  assert.doesNotMatch(JSON.stringify(request(planted)), /planted/);
});

Deno.test("`buildRequest()` hands on what --hand-on names, and says which of it is not there", () => {
  const env = {
    RUNNER_IMAGE: "mirror/runner:5",
    RUNNER_HOME: "/opt/runner",
    BITBUCKET_API_URL: "https://b.test/2.0",
  };
  const all = variables({ ...env, RUNNER_HAND_ON: "RUNNER_IMAGE,BITBUCKET_API_URL" });
  assert.deepEqual([all["RUNNER_IMAGE"], all["BITBUCKET_API_URL"]], [
    "mirror/runner:5",
    "https://b.test/2.0",
  ]);
  assert.equal(all["RUNNER_HOME"], undefined);
  const { problems } = startConfig({}, { ...STEP, RUNNER_HAND_ON: "RUNNER_IMAGE" });
  assert.match(problems.join(), /Cannot hand on RUNNER_IMAGE, as --hand-on asks: it is not set in the step/);
});

Deno.test("`buildRequest()` hands on where a value is kept, in the type that CodeBuild resolves it by", () => {
  const sent = request({
    CODEBUILD_SSM_NPM_TOKEN: "/ci/npm-token",
    CODEBUILD_SECRET_DEPLOY_KEY: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:deploy-AbCdEf:key",
    CODEBUILD_SECRET_PASSWORD: "my-secret:password::version",
  }).environmentVariablesOverride ?? [];
  const types = Object.fromEntries(sent.map(({ name, type }) => [name, type]));
  assert.deepEqual(
    [types["NPM_TOKEN"], types["DEPLOY_KEY"], types["PASSWORD"], types["PIPELINE_UUID"]],
    ["PARAMETER_STORE", "SECRETS_MANAGER", "SECRETS_MANAGER", "PLAINTEXT"],
  );
  assert.equal(sent.find(({ name }) => name === "NPM_TOKEN")?.value, "/ci/npm-token");
});

const REFUSED: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
  [
    { CODEBUILD_SSM_A: "two words" },
    /Cannot use «two words» from CODEBUILD_SSM_A: it takes the name or path of a parameter/,
  ],
  [{ CODEBUILD_SSM_A: "" }, /from CODEBUILD_SSM_A: it takes/],
  [{ CODEBUILD_SECRET_A: "a b" }, /from CODEBUILD_SECRET_A: it takes the name or ARN of a secret/],
  [{ CODEBUILD_SECRET_A: "a:b:c:d:e" }, /from CODEBUILD_SECRET_A: it takes/],
  [
    { CODEBUILD_ENV_A: "1", CODEBUILD_SSM_A: "/a" },
    /Cannot use CODEBUILD_ENV_A and CODEBUILD_SSM_A together/,
  ],
  [{ CODEBUILD_SECRET_BITBUCKET_OAUTH_TOKEN_URL: "x" }, /BITBUCKET_OAUTH_TOKEN_URL belongs to the agent/],
  [{ CODEBUILD_SSM_PATH: "/path" }, /PATH belongs to the CodeBuild project, since it decides what runs/],
];
for (const [env, expected] of REFUSED) {
  Deno.test(`\`buildRequest()\` is not asked for ${Object.keys(env).join(" and ")} with «${Object.values(env)[0]}»`, () => {
    assert.match(startConfig({}, { ...STEP, ...env }).problems.join("\n"), expected);
  });
}

Deno.test("`idempotencyToken()` is the same for the same step, run and request alone", () => {
  const token = (env: Record<string, string> = {}, attempt = 1, salt = 0) => {
    const { config } = startConfig({}, { ...STEP, ...env });
    return idempotencyToken(config, buildRequest(config), { attempt, salt });
  };
  const first = token();
  assert.ok(first.length <= 64 && /^[\w-]+$/.test(first));
  assert.equal(token({ BITBUCKET_STEP_RUN_NUMBER: "1" }, 1, 0.5), first);
  const others = [
    token({ BITBUCKET_PIPELINE_UUID: OTHER }),
    token({ BITBUCKET_STEP_UUID: OTHER }),
    token({ BITBUCKET_STEP_RUN_NUMBER: "2" }),
    token({ RUNNER_LABEL: "other" }),
    token({ RUNNER_TYPE: "docker" }),
    token({ CODEBUILD_PROJECT: "other" }),
    token({}, 2),
    token({ BITBUCKET_STEP_UUID: "" }, 1, 0.1),
    token({ BITBUCKET_STEP_UUID: "" }, 1, 0.2),
  ];
  assert.equal(new Set([first, ...others]).size, others.length + 1);
  assert.ok(others.every((one) => one.length <= 64));
});
