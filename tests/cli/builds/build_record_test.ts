import assert from "node:assert/strict";
import { buildRecord, ownLabels, secretsOf } from "../../../cli/builds/build_record.ts";
import { bare, pipelineText, shortId } from "../../../cli/builds/list_builds.ts";
import { writeIdentities } from "../../../shared/settings/runner_identity.ts";
import type { KnownBuild } from "../../../shared/aws/aws_codebuild.ts";

const UUID = "0a1b2c3d-0000-4000-8000-000000000001";

function told(variables: Readonly<Record<string, string>>, type = "LINUX_CONTAINER"): KnownBuild {
  const environmentVariables = Object.entries(variables).map(([name, value]) => ({ name, value }));
  return { id: `ci:${UUID}`, environment: { type, environmentVariables } } as unknown as KnownBuild;
}

Deno.test("`buildRecord()` reads pipeline, repository and labels from what start-runner sends", () => {
  const record = buildRecord(told({
    RUNNER_TYPE: "docker",
    RUNNER_LABEL: "gpu, big",
    REPO_UUID: "{r}",
    WORKSPACE_UUID: "{w}",
    PIPELINE_UUID: "{p}",
    RUNNER_REPOSITORY: "app",
    RUNNER_PIPELINE_NUMBER: "12",
  }, "ARM_CONTAINER"));
  assert.deepEqual(
    [record.kind, record.repository, record.pipeline, record.runners],
    ["docker", "app", "12", [`${UUID}-ci`]],
  );
  assert.deepEqual(record.labels, ["self.hosted", "linux.arm64", "codebuild", "gpu", "big"]);
  assert.deepEqual(ownLabels(record), ["linux.arm64", "gpu", "big"]);
});

Deno.test("`buildRecord()` shows UUIDs where there are no names, and takes any other build for a job", () => {
  const older = buildRecord(told({ RUNNER_TYPE: "shell", REPO_UUID: "{r}", PIPELINE_UUID: "{p}" }));
  assert.deepEqual([older.repository, older.pipeline], ["{r}", "{p}"]);
  const job = buildRecord(told({}));
  assert.deepEqual([job.kind, job.repository, job.runners, job.labels], ["job", undefined, [], []]);
});

Deno.test("`buildRecord()` takes nothing for a UUID that could lead a request elsewhere", () => {
  for (const uuid of ["../../other", "{a/b}", "r", "{}", "{..}"]) {
    assert.equal(
      buildRecord(told({ RUNNER_TYPE: "shell", REPO_UUID: uuid })).repositoryUuid,
      undefined,
      uuid,
    );
  }
});

Deno.test("builds, pipelines and repositories are shown so that they can be read and typed again", () => {
  assert.equal(shortId(`ci:${UUID}`), "0a1b2c3d-0000");
  assert.deepEqual([pipelineText("12"), pipelineText("{p-1}"), pipelineText(undefined)], ["#12", "p-1", "-"]);
  assert.deepEqual([bare("{r}"), bare("app"), bare(undefined)], ["r", "app", "-"]);
});

Deno.test("`secretsOf()` knows the secret of each runner whose identity a build was given", () => {
  const identities = Array.from({ length: 20 }, (_, index) => ({
    uuid: `{r-${index}}`,
    clientId: "id",
    clientSecret: `secret-of-runner-${index}`,
    type: "shell" as const,
    arch: "x86_64",
  }));
  const sent = writeIdentities(identities).map(({ name, value }) => [name, value]);
  const secrets = secretsOf(told(Object.fromEntries(sent)));
  for (const { clientSecret } of identities) assert.ok(secrets.includes(clientSecret), clientSecret);
});
