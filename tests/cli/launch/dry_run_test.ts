import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type FakeAws, startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { FakeBitbucket } from "../../fixtures/servers/fake_bitbucket.ts";
import { bitbucketEnvironment, runInProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const KMS_KEY = "alias/bitbucket-runner";

async function dryRun(env: Record<string, string> = {}, args: readonly string[] = []) {
  await using bitbucket = await FakeBitbucket.start();
  await using aws: FakeAws = startFakeAws();
  const all = stepEnvironment(aws, { ...bitbucketEnvironment(bitbucket), ...env });
  const run = await runInProcess(all, { args: ["--dry-run", ...args] });
  assert.deepEqual([aws.calls, bitbucket.requests], [[], []], "nobody is asked for anything");
  return { ...run, aws: aws.url };
}

function variablesOf(stdout: string): Record<string, string> {
  const sent: { name: string; value: string }[] = JSON.parse(stdout).startBuild.environmentVariablesOverride;
  return Object.fromEntries(sent.map(({ name, value }) => [name, value]));
}

Deno.test("a dry run shows as JSON to whom, as whom and for which labels what would be sent", async () => {
  const { code, stdout, stderr, aws } = await dryRun({ RUNNER_LABEL: "gpu" }, ["--compute-type", "large"]);
  assert.equal(code, 0, stderr);
  const { endpoint, region, role, credentials, labels, startBuild } = JSON.parse(stdout);
  assert.deepEqual([endpoint, region, credentials], [aws, "eu-west-1", "secret"]);
  assert.equal(role, "arn:aws:iam::123456789012:role/start-runner");
  assert.deepEqual(labels, ["self.hosted", "linux.shell", "codebuild", "gpu"]);
  assert.deepEqual([startBuild.projectName, startBuild.computeTypeOverride], ["ci", "BUILD_GENERAL1_LARGE"]);
});

Deno.test("a dry run fills in the placeholders of labels, for the runner and for the build", async () => {
  const { stdout } = await dryRun({ BITBUCKET_BRANCH: "fix/it" }, ["--label", "app.{branch},{pipeline}"]);
  const filled = ["app.fix.it", "p11111111111141118111111111111111"];
  assert.deepEqual(JSON.parse(stdout).labels.slice(3), filled);
  assert.equal(variablesOf(stdout)["RUNNER_LABEL"], filled.join(","));
});

Deno.test("a dry run says how many machines there would be, if it is not one", async () => {
  assert.equal(JSON.parse((await dryRun({}, ["--machines", "4"])).stdout).machines, 4);
  assert.equal("machines" in JSON.parse((await dryRun()).stdout), false);
});

Deno.test("a dry run shows the same input as a start sends, but for its secrets and the buildspec", async () => {
  await using aws = startFakeAws();
  const env = stepEnvironment(aws, { CODEBUILD_ENV_NOTE: "a note", CODEBUILD_TIMEOUT: "60" });
  await runInProcess(env);
  const { idempotencyToken: _, buildspecOverride, ...sent } =
    aws.calls.find(({ call }) => call === "StartBuild")?.input ?? {};
  const { stdout } = await runInProcess(env, { args: ["start", "--dry-run"] });
  const { buildspecOverride: shown, ...input } = JSON.parse(stdout).startBuild;
  assert.deepEqual(input, sent);
  const sha256 = createHash("sha256").update(String(buildspecOverride)).digest("hex");
  assert.equal(shown, `sha256 ${sha256}; see start-runner buildspec --runner-type shell`);
});

Deno.test("a dry run asks nobody for the ARN of a fleet", async () => {
  const { code, stdout, stderr } = await dryRun({ CODEBUILD_FLEET: "builders" });
  assert.equal(code, 0, stderr);
  assert.equal(
    JSON.parse(stdout).startBuild.fleetOverride.fleetArn,
    "the ARN of builders, asked of BatchGetFleets",
  );
});

const MODES: readonly (readonly [env: Record<string, string>, masked: readonly string[]])[] = [
  [{}, ["BITBUCKET_OAUTH_CLIENT_ID", "BITBUCKET_OAUTH_CLIENT_SECRET"]],
  [{ RUNNER_CREDENTIALS: "token" }, ["BITBUCKET_ACCESS_TOKEN"]],
  [{ RUNNER_CREDENTIALS: "runner" }, ["RUNNER_IDENTITY"]],
  [{ RUNNER_CREDENTIALS: "runner", RUNNER_COUNT: "16" }, ["RUNNER_IDENTITY"]],
  [{ RUNNER_CREDENTIALS: "runner", RUNNER_COUNT: "17" }, ["RUNNER_IDENTITY", "RUNNER_IDENTITY_2"]],
  [{ RUNNER_CREDENTIALS: "runner", RUNNER_COUNT: "17", RUNNER_KMS_KEY: KMS_KEY }, ["RUNNER_SEALED"]],
  [{ RUNNER_CREDENTIALS: "project" }, []],
  [{ RUNNER_CREDENTIALS: "project", RUNNER_KMS_KEY: KMS_KEY }, []],
  [{ RUNNER_KMS_KEY: KMS_KEY }, ["RUNNER_SEALED"]],
];

Deno.test("a dry run masks what is secret in each mode, wherever it stands", async () => {
  for (const [env, masked] of MODES) {
    const { stdout, stderr } = await dryRun({ ...env, CODEBUILD_ENV_COPY: "consumer-secret" });
    const variables = variablesOf(stdout);
    const shown = Object.keys(variables).filter((name) => variables[name] === "***");
    assert.deepEqual(shown.filter((name) => name !== "COPY"), masked);
    for (const secret of ["consumer-secret", "oidc-token-of-this-step"]) {
      assert.ok(!`${stdout}${stderr}`.includes(secret), stdout);
    }
  }
});

Deno.test("a dry run names CodeBuild's own address where none is given, and the default credentials", async () => {
  const places = [["eu-west-1", "amazonaws.com"], ["cn-north-1", "amazonaws.com.cn"]] as const;
  for (const [region, domain] of places) {
    const env = { AWS_ENDPOINT_URL: "", AWS_ROLE_ARN: "", AWS_PROFILE: "me", CODEBUILD_REGION: region };
    const { stdout, stderr } = await dryRun(env);
    const { endpoint, role } = JSON.parse(stdout || stderr);
    assert.equal(endpoint, `https://codebuild.${region}.${domain}`);
    assert.match(role, /^none: the default AWS credentials/);
  }
});

Deno.test("a dry run has no buildspec where the project's own is used, and arm64's label where it is known", async () => {
  const { stdout } = await dryRun({ CODEBUILD_ENVIRONMENT_TYPE: "ARM_CONTAINER" }, ["--custom-buildspec"]);
  assert.ok(!("buildspecOverride" in JSON.parse(stdout).startBuild));
  assert.ok(JSON.parse(stdout).labels.includes("arm64"));
});

Deno.test("a dry run ends with 2 and the problems as a start does", async () => {
  const { code, stdout, stderr } = await dryRun({ CODEBUILD_TIMEOUT: "1" });
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /error: Cannot use «1» from CODEBUILD_TIMEOUT/);
  assert.equal((await dryRun({ AWS_ENDPOINT_URL: "http://10.0.0.1" })).code, 2);
});
