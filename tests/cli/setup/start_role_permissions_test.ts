import assert from "node:assert/strict";
import { StartBuildInput$ } from "@aws-sdk/client-codebuild";
import { startConfig } from "../../../cli/options/start_config.ts";
import { buildRequest, idempotencyToken } from "../../../cli/request/build_request.ts";
import { credentialVariables } from "../../../cli/setup/allowed_variables.ts";
import { UNGUARDED_OVERRIDES, UNUSED_OVERRIDES } from "../../../cli/setup/build_overrides.ts";
import { CREDENTIALS_MODES, type CredentialsMode } from "../../../cli/options/credentials_mode.ts";
import type { Setup } from "../../../cli/setup/setup.ts";
import { startRolePermissions } from "../../../cli/setup/start_role_permissions.ts";
import type { StartBuildInput } from "../../../shared/aws/aws_codebuild.ts";
import { bitbucketSettings } from "../../../shared/settings/bitbucket_settings.ts";
import { type AwsRequest, verdict } from "../../fixtures/iam/evaluate_policy.ts";
import { startBuildRequest } from "../../fixtures/iam/start_build_context.ts";
import { stepEnvironment } from "../../fixtures/programs/start_runner.ts";
import { KMS_KEY, LOG_GROUP, PROJECT, SETUP } from "./sample_setup.ts";

type Env = Record<string, string>;
type Input = Partial<StartBuildInput>;

const STEP = stepEnvironment({ url: "http://127.0.0.1:1" });
const STRICT: Setup = { ...SETUP, runnerTypes: ["shell"], customBuildspec: { images: [], computeTypes: [] } };
const MIRROR = "https://mirror.example/v1";

/** What start-runner really asks for. */
function sent(env: Env = {}): Input {
  const { config, problems } = startConfig({}, { ...STEP, ...env });
  assert.deepEqual(problems, []);
  const request = buildRequest(config, config.credentialVariables);
  return { ...request, idempotencyToken: idempotencyToken(config, request, { attempt: 1, salt: 0 }) };
}

function judge(setup: Setup, input: Input): string {
  const verdicts = [true, false].map((withParents) =>
    verdict(startRolePermissions(setup), startBuildRequest(PROJECT, input, { withParents }))
  );
  assert.equal(verdicts[0], verdicts[1], "it must not matter what nobody knows of the parents' keys");
  return verdicts[0] ?? "";
}

/** What start-runner sends, with one variable more. */
function withVariable(
  name: string,
  value: string,
  type: "PLAINTEXT" | "SECRETS_MANAGER" = "PLAINTEXT",
): Input {
  const request = sent();
  const variables = request.environmentVariablesOverride ?? [];
  return { ...request, environmentVariablesOverride: [...variables, { name, value, type }] };
}

const CONFIGURATIONS: readonly (readonly [string, Env])[] = [
  ["nothing more", {}],
  ["both timeouts", { CODEBUILD_TIMEOUT: "30", CODEBUILD_QUEUED_TIMEOUT: "10" }],
  ["another size", { CODEBUILD_COMPUTE_TYPE: "2xlarge" }],
  ["an image of AWS", { CODEBUILD_IMAGE: "aws/codebuild/amazonlinux-aarch64-standard:3.0" }],
  ["a private image", { CODEBUILD_IMAGE: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/build:1" }],
  ["a public image and a type", { CODEBUILD_IMAGE: "debian:12", CODEBUILD_ENVIRONMENT_TYPE: "ARM_EC2" }],
  ["a Docker runner", { RUNNER_TYPE: "docker", DOCKER_CONTAINERD: "1" }],
  ["several steps and a label", { MULTI_STEP: "true", RUNNER_LABEL: "size.large,team" }],
  ["the project's buildspec", { CUSTOM_BUILDSPEC: "1" }],
  ["a mirror", { RUNNER_RELEASE_URL: MIRROR }],
  ["a build that may be looked into", { RUNNER_DEBUG: "30" }],
  ["the agent's settings", { BITBUCKET_POLL_INTERVAL: "20", RUNNER_IDLE_TIMEOUT: "5", LOG_FORMAT: "json" }],
];

for (const [name, env] of CONFIGURATIONS) {
  Deno.test(`start-runner's role may start what start-runner sends: ${name}`, () => {
    assert.equal(judge(SETUP, sent(env)), "allowed");
    assert.equal(judge({ ...SETUP, releaseUrl: MIRROR }, sent(env)), "allowed");
  });
}

Deno.test("start-runner's role may start with the variables that its policy's author has listed", () => {
  const setup = { ...SETUP, ownVariables: ["CACHE_BUCKET", "HTTPS_PROXY"] };
  const env = { CODEBUILD_ENV_CACHE_BUCKET: "caches", CODEBUILD_ENV_HTTPS_PROXY: "http://proxy:3128" };
  assert.equal(judge(setup, sent(env)), "allowed");
  assert.equal(judge(SETUP, sent(env)), "not allowed");
});

const secretsOf = (mode: CredentialsMode, kmsKey?: string) =>
  credentialVariables({ ...SETUP, credentials: mode, ...(kmsKey === undefined ? {} : { kmsKey }) });

for (const credentials of CREDENTIALS_MODES) {
  for (const kmsKey of [undefined, KMS_KEY]) {
    const setup: Setup = { ...SETUP, credentials, ...(kmsKey === undefined ? {} : { kmsKey }) };
    Deno.test(`mode ${credentials}${kmsKey ? ", sealed" : ""}: its credentials may be forwarded, those of others not`, () => {
      const own = secretsOf(credentials, kmsKey);
      for (const name of own) assert.equal(judge(setup, withVariable(name, "x")), "allowed", name);
      const others = CREDENTIALS_MODES.flatMap((mode) => [...secretsOf(mode), ...secretsOf(mode, KMS_KEY)]);
      for (const name of others.filter((one) => !own.includes(one))) {
        assert.equal(judge(setup, withVariable(name, "x")), "not allowed", name);
      }
    });
  }
}

Deno.test("mode secret allows what start-runner forwards of a consumer, a token or an API token", () => {
  const setup: Setup = { ...SETUP, credentials: "secret" };
  for (
    const env of [
      { BITBUCKET_OAUTH_CLIENT_ID: "key", BITBUCKET_OAUTH_CLIENT_SECRET: "secret" },
      { BITBUCKET_ACCESS_TOKEN: "token" },
      { BITBUCKET_API_EMAIL: "bot@example.com", BITBUCKET_API_TOKEN: "token" },
    ]
  ) assert.equal(judge(setup, sent({ ...env, RUNNER_CREDENTIALS: "secret" })), "allowed");
});

/** One of each override that start-runner never uses, as somebody would try it. */
const UNUSED: Input = {
  artifactsOverride: { type: "S3", location: "elsewhere" },
  buildStatusConfigOverride: { context: "ci", targetUrl: "https://example.com" },
  cacheOverride: { type: "S3", location: "elsewhere/cache" },
  certificateOverride: "arn:aws:s3:::elsewhere/ca.pem",
  encryptionKeyOverride: KMS_KEY,
  insecureSslOverride: true,
  logsConfigOverride: { cloudWatchLogs: { status: "DISABLED" } },
  registryCredentialOverride: { credential: "other", credentialProvider: "SECRETS_MANAGER" },
  secondaryArtifactsOverride: [{ type: "S3", artifactIdentifier: "a", location: "elsewhere" }],
  secondarySourcesOverride: [{
    type: "GITHUB",
    sourceIdentifier: "s",
    location: "https://example.com/x.git",
  }],
  serviceRoleOverride: "arn:aws:iam::123456789012:role/admin",
  sourceAuthOverride: { type: "OAUTH", resource: "r" },
  sourceLocationOverride: "https://example.com/x.git",
};

for (const [field, value] of Object.entries(UNUSED)) {
  Deno.test(`start-runner's role may not start with ${field}`, () => {
    for (const setup of [SETUP, STRICT]) {
      const input = sent(setup === STRICT ? { CUSTOM_BUILDSPEC: "1" } : {});
      assert.equal(judge(setup, input), "allowed");
      assert.equal(judge(setup, { ...input, [field]: value }), "not allowed");
    }
  });
}

Deno.test("every field of StartBuild is sent by start-runner, denied, or known to have no condition key", () => {
  const fleet = { CODEBUILD_FLEET: "builders" };
  const everything = [...CONFIGURATIONS.map(([, env]) => env), fleet].flatMap((env) =>
    Object.keys(sent(env))
  );
  const known = [...everything, ...Object.keys(UNUSED_OVERRIDES), ...UNGUARDED_OVERRIDES];
  assert.deepEqual([...StartBuildInput$[4]].filter((field) => !known.includes(field)), []);
  assert.deepEqual(Object.keys(UNUSED), Object.keys(UNUSED_OVERRIDES));
});

Deno.test("start-runner's role may start on the one fleet of its policy, look at it, and name no other", () => {
  const fleet = (name: string) => `arn:aws:codebuild:eu-west-1:123456789012:fleet/${name}:5a1c0f7e`;
  const setup = { ...SETUP, fleet: "builders" };
  const start = (name: string, size = "large") =>
    sent({ CODEBUILD_FLEET: fleet(name), CODEBUILD_COMPUTE_TYPE: size });
  assert.equal(judge(setup, sent()), "allowed");
  assert.equal(judge(setup, start("builders")), "allowed");
  assert.equal(judge(setup, start("builders", "ATTRIBUTE_BASED_COMPUTE")), "allowed");
  assert.equal(judge(setup, start("builders2")), "not allowed");
  for (const without of [SETUP, STRICT]) assert.equal(judge(without, start("builders")), "not allowed");
  const look = { action: "codebuild:BatchGetFleets", resource: fleet("builders") };
  assert.equal(verdict(startRolePermissions(setup), look), "allowed");
  assert.equal(verdict(startRolePermissions(setup), { ...look, resource: fleet("other") }), "not allowed");
  assert.equal(verdict(startRolePermissions(SETUP), look), "not allowed");
});

const WRONG_VALUES: readonly Input[] = [
  { autoRetryLimitOverride: 3 },
  { computeTypeOverride: "BUILD_LAMBDA_1GB" },
  { computeTypeOverride: "ATTRIBUTE_BASED_COMPUTE" },
  { environmentTypeOverride: "WINDOWS_SERVER_2022_CONTAINER" },
  { privilegedModeOverride: false },
];

for (const values of WRONG_VALUES) {
  Deno.test(`start-runner's role may not start with ${JSON.stringify(values)}`, () => {
    assert.equal(judge(SETUP, { ...sent(), ...values }), "not allowed");
  });
}

/** What the review of this project tried, and what is like it. */
const HOSTILE_VARIABLES = [
  "BITBUCKET_OAUTH_TOKEN_URL",
  "BITBUCKET_API_URL",
  "RUNNER_IMAGE",
  "RUNNER_HOME",
  "DOCKER_HOST",
  "LD_PRELOAD",
  "LD_LIBRARY_PATH",
  "PATH",
  "HOME",
  "BASH_ENV",
  "ENV",
  "NODE_OPTIONS",
  "JAVA_TOOL_OPTIONS",
  "GIT_SSH_COMMAND",
  "AWS_ENDPOINT_URL",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "DENO_CERT",
  "CODEBUILD_SRC_DIR",
  "ANYTHING",
  "repo_uuid",
];

for (const name of HOSTILE_VARIABLES) {
  Deno.test(`start-runner's role may not set ${name}, even where somebody has listed what is guarded`, () => {
    assert.equal(judge(SETUP, withVariable(name, "x")), "not allowed");
    assert.equal(judge(STRICT, { ...withVariable(name, "x"), buildspecOverride: undefined }), "not allowed");
    const listed = { ...SETUP, ownVariables: [name] };
    const free = ["CODEBUILD_SRC_DIR", "ANYTHING", "repo_uuid"].includes(name);
    assert.equal(judge(listed, withVariable(name, "x")), free ? "allowed" : "not allowed");
  });
}

Deno.test("endpoints are in no policy, as long as the code hands them on too", () => {
  const urls = [bitbucketSettings.apiUrl, bitbucketSettings.tokenUrl].flatMap((
    { variables },
  ) => [...variables]);
  const text = JSON.stringify(startRolePermissions({ ...SETUP, credentials: "secret" }));
  assert.deepEqual(urls.filter((name) => text.includes(name)), []);
});

Deno.test("start-runner's role registers no runner for another repository or workspace, not by a name given twice either", () => {
  const other = "{99999999-9999-4999-8999-999999999999}";
  for (const name of ["REPO_UUID", "WORKSPACE_UUID"]) {
    const request = sent();
    const variables = request.environmentVariablesOverride ?? [];
    const replaced = variables.map((one) => one.name === name ? { ...one, value: other } : one);
    assert.equal(judge(SETUP, { ...request, environmentVariablesOverride: replaced }), "not allowed");
    assert.equal(judge(SETUP, withVariable(name, other)), "not allowed");
  }
});

Deno.test("start-runner's role names only the mirror that is listed", () => {
  const setup = { ...SETUP, releaseUrl: MIRROR };
  assert.equal(judge(setup, sent({ RUNNER_RELEASE_URL: `${MIRROR}/evil` })), "not allowed");
});

Deno.test("start-runner's role does not have the project's credential put into a variable of its own", () => {
  const forms = [
    "bitbucket-runner",
    "bitbucket-runner:secret",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:bitbucket-runner-AbCdEf:token",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:bitbucket-runner",
  ];
  for (const form of forms) {
    assert.equal(judge(SETUP, withVariable("RUNNER_LABEL", form, "SECRETS_MANAGER")), "not allowed", form);
  }
  const bucket = withVariable("CACHE_BUCKET", "bitbucket-runner-caches");
  assert.equal(judge({ ...SETUP, ownVariables: ["CACHE_BUCKET"] }, bucket), "allowed");
});

Deno.test("the stricter set leaves buildspec, image, privileged mode, size and mirror to the project", () => {
  const own = sent({ CUSTOM_BUILDSPEC: "1" });
  assert.equal(judge(STRICT, own), "allowed");
  const overrides: readonly Input[] = [
    { buildspecOverride: "version: 0.2" },
    { imageOverride: "example/image:1" },
    { imagePullCredentialsTypeOverride: "SERVICE_ROLE" },
    { environmentTypeOverride: "ARM_CONTAINER" },
    { privilegedModeOverride: true },
    { computeTypeOverride: "BUILD_GENERAL1_LARGE" },
  ];
  for (const override of overrides) assert.equal(judge(STRICT, { ...own, ...override }), "not allowed");
  assert.equal(
    judge(STRICT, sent({ CUSTOM_BUILDSPEC: "1", RUNNER_RELEASE_URL: "https://evil.example" })),
    "not allowed",
  );
});

Deno.test("the stricter set allows the images, sizes, runner types and the mirror that are listed", () => {
  const setup: Setup = {
    ...SETUP,
    customBuildspec: { images: ["aws/codebuild/*"], computeTypes: ["BUILD_GENERAL1_LARGE"] },
    releaseUrl: MIRROR,
  };
  const env = { CUSTOM_BUILDSPEC: "1", RUNNER_RELEASE_URL: MIRROR, RUNNER_TYPE: "docker" };
  const image = "aws/codebuild/amazonlinux-x86_64-standard:5.0";
  assert.equal(
    judge(setup, sent({ ...env, CODEBUILD_IMAGE: image, CODEBUILD_COMPUTE_TYPE: "large" })),
    "allowed",
  );
  assert.equal(judge(setup, sent({ ...env, CODEBUILD_IMAGE: "evil/image:1" })), "not allowed");
  assert.equal(judge(setup, sent({ ...env, CODEBUILD_COMPUTE_TYPE: "2xlarge" })), "not allowed");
});

Deno.test("a Docker runner takes its type among those listed", () => {
  const shell: Setup = { ...SETUP, runnerTypes: ["shell"] };
  assert.equal(judge(shell, sent({ RUNNER_TYPE: "docker" })), "not allowed");
  assert.equal(judge(shell, { ...sent(), privilegedModeOverride: true }), "not allowed");
});

const OTHER = PROJECT.replace("/ci", "/other");
const CALLS: readonly (readonly [AwsRequest, string])[] = [
  [{ action: "codebuild:BatchGetBuilds", resource: PROJECT }, "allowed"],
  [{ action: "codebuild:StopBuild", resource: PROJECT }, "allowed"],
  [{ action: "codebuild:ListBuildsForProject", resource: PROJECT }, "allowed"],
  [{ action: "logs:GetLogEvents", resource: `${LOG_GROUP}:log-stream:abc` }, "allowed"],
  [{ action: "codebuild:StopBuild", resource: OTHER }, "not allowed"],
  [{ action: "codebuild:StartBuild", resource: OTHER }, "not allowed"],
  [{ action: "codebuild:StartBuildBatch", resource: PROJECT }, "not allowed"],
  [{ action: "codebuild:RetryBuild", resource: PROJECT }, "not allowed"],
  [{ action: "codebuild:StartSandbox", resource: PROJECT }, "not allowed"],
  [{ action: "codebuild:UpdateProject", resource: PROJECT }, "not allowed"],
  [{ action: "logs:GetLogEvents", resource: `${LOG_GROUP}-2:log-stream:abc` }, "not allowed"],
  [{ action: "secretsmanager:GetSecretValue", resource: "*" }, "not allowed"],
  [{ action: "iam:PassRole", resource: "*" }, "not allowed"],
];

Deno.test("start-runner's role may do what start-runner does, and nothing else", () => {
  for (const [request, expected] of CALLS) {
    assert.equal(verdict(startRolePermissions(SETUP), request), expected, JSON.stringify(request));
  }
});

Deno.test("start-runner's permissions fit into one policy", () => {
  const ownVariables = Array.from({ length: 30 }, (_, index) => `MY_OWN_VARIABLE_${index}`);
  const setup: Setup = { ...SETUP, credentials: "secret", ownVariables, kmsKey: KMS_KEY };
  for (const one of [setup, { ...setup, customBuildspec: { images: [], computeTypes: [] } }]) {
    // What IAM takes in a managed policy; it takes 10,240 in a role's own ones.
    assert.ok(JSON.stringify(startRolePermissions(one)).length < 6144);
  }
});
