import assert from "node:assert/strict";
import { doctorConfig } from "../../../cli/doctor/doctor_config.ts";
import { sampleConfig } from "./sample_config.ts";

const LAPTOP = { CODEBUILD_PROJECT: "ci", AWS_REGION: "eu-west-1" };

Deno.test("a laptop has no pipeline, and that is no problem", () => {
  const { config, problems } = doctorConfig({}, LAPTOP);
  assert.deepEqual(problems, []);
  assert.equal(config.repositoryUuid, undefined);
  assert.equal(config.workspaceUuid, undefined);
  assert.equal(config.lacksToken, false);
});

Deno.test("a laptop may say which repository is meant", () => {
  const { config } = doctorConfig({}, { ...LAPTOP, REPO_UUID: "{1b2c3d4e-0000-4000-8000-000000000000}" });
  assert.equal(config.repositoryUuid, "{1b2c3d4e-0000-4000-8000-000000000000}");
  assert.equal(config.workspaceUuid, undefined);
});

Deno.test("a laptop has no branch and no commit for labels, and a tag's step has no branch", () => {
  const env = { ...LAPTOP, RUNNER_LABEL: "app.{branch},{commit}" };
  const { config, problems } = doctorConfig({}, env);
  assert.deepEqual([problems, config.labelTemplates], [[], ["app.{branch}", "{commit}"]]);
  const inStep = doctorConfig({}, { ...env, BITBUCKET_BUILD_NUMBER: "7", BITBUCKET_TAG: "v1" }).problems;
  assert.ok(
    inStep.some((problem) => problem.includes("the pipeline is for the tag «v1»")),
    inStep.join("\n"),
  );
});

Deno.test("a step without its UUIDs is a problem", () => {
  assert.notDeepEqual(doctorConfig({}, { ...LAPTOP, BITBUCKET_BUILD_NUMBER: "7" }).problems, []);
});

Deno.test("a step that is to assume a role and has no token is told so once, by the token's own check", () => {
  const env = {
    ...LAPTOP,
    BITBUCKET_BUILD_NUMBER: "7",
    PIPELINE_UUID: "{a}",
    REPO_UUID: "{b}",
    WORKSPACE_UUID: "{c}",
  };
  const { config } = doctorConfig({ role: "arn:aws:iam::123456789012:role/start-runner" }, env);
  assert.deepEqual([config.lacksToken, config.oidcToken, config.webIdentity], [true, undefined, undefined]);
});

Deno.test("what cannot be read is a problem, and the rest goes on with what a start has without it", () => {
  const { config, problems } = doctorConfig({ runnerType: "shel" }, {
    ...LAPTOP,
    API_TIMEOUT: "soon",
    STARTUP_TIMEOUT: "later",
    RUNNER_RELEASE_URL: "ftp://x",
  });
  assert.equal(problems.length, 4);
  assert.deepEqual([config.runnerType, config.apiTimeoutS, config.startupTimeoutS], ["shell", 10, 600]);
  assert.equal(config.releaseUrl, undefined);
});

Deno.test("a role by a web identity of its own takes no token of the step's", () => {
  assert.equal(
    sampleConfig({ BITBUCKET_STEP_OIDC_TOKEN: "", AWS_WEB_IDENTITY_TOKEN_FILE: "/token" }).lacksToken,
    false,
  );
});
