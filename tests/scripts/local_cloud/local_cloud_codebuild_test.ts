import assert from "node:assert/strict";
import {
  BatchGetBuildsCommand,
  ListBuildsForProjectCommand,
  StartBuildCommand,
  type StartBuildCommandInput,
  StopBuildCommand,
} from "@aws-sdk/client-codebuild";
import { awsClients, withLocalCloud } from "../../fixtures/programs/local_cloud.ts";

const BUILDSPEC = "{version: 0.2, phases: {build: {commands: ['true']}}}";
const WAITING = "{version: 0.2, phases: {build: {commands: ['sleep 60']}}}";

Deno.test("StartBuild answers with a build that is in the queue, in CodeBuild's wire format", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { build } = await awsClients(cloud).codeBuild.send(start({ timeoutInMinutesOverride: 7 }));
    assert.match(build?.id ?? "", /^bitbucket-runner:[0-9a-f-]{36}$/);
    assert.equal(build?.arn, `arn:aws:codebuild:eu-central-1:123456789012:build/${build?.id}`);
    assert.equal(build?.buildStatus, "IN_PROGRESS");
    assert.equal(build?.currentPhase, "QUEUED");
    assert.ok(build?.startTime instanceof Date);
    assert.equal(build?.timeoutInMinutes, 7);
    assert.equal(
      build?.logs?.cloudWatchLogsArn,
      "arn:aws:logs:eu-central-1:123456789012:log-group:null:log-stream:null",
    );
    assert.equal(build?.logs?.groupName, undefined);
  });
});

Deno.test("BatchGetBuilds shows every phase of an ended build, and lists ids that it does not know", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { codeBuild } = awsClients(cloud);
    const { build } = await codeBuild.send(start());
    await cloud.codeBuild.ended(build?.id ?? "");
    const ids = [build?.id ?? "", "bitbucket-runner:nobody"];
    const answer = await codeBuild.send(new BatchGetBuildsCommand({ ids }));
    assert.deepEqual(answer.buildsNotFound, ["bitbucket-runner:nobody"]);
    const [ended] = answer.builds ?? [];
    assert.equal(ended?.buildStatus, "SUCCEEDED");
    assert.equal(ended?.buildComplete, true);
    assert.equal(ended?.currentPhase, "COMPLETED");
    assert.equal(ended?.logs?.groupName, "/aws/codebuild/bitbucket-runner");
    assert.deepEqual(ended?.phases?.map(({ phaseType }) => phaseType as string), [
      "SUBMITTED",
      "QUEUED",
      "PROVISIONING",
      "DOWNLOAD_SOURCE",
      "INSTALL",
      "PRE_BUILD",
      "BUILD",
      "POST_BUILD",
      "UPLOAD_ARTIFACTS",
      "FINALIZING",
      "COMPLETED",
    ]);
  });
});

const REFUSALS: [string, Partial<StartBuildCommandInput>, string, RegExp][] = [
  ["an unknown project", { projectName: "other" }, "ResourceNotFoundException", /Project cannot be found/],
  [
    "a timeout below 5 minutes",
    { timeoutInMinutesOverride: 4 },
    "InvalidInputException",
    /between 5 and 2160/,
  ],
  [
    "a queued timeout above 480",
    { queuedTimeoutInMinutesOverride: 481 },
    "InvalidInputException",
    /between 5 and 480/,
  ],
  [
    "a buildspec over 25,600 characters",
    { buildspecOverride: "#".repeat(25_601) },
    "InvalidInputException",
    /25600/,
  ],
  [
    "a variable over 4,096 characters",
    { environmentVariablesOverride: [{ name: "A", value: "x".repeat(4097) }] },
    "InvalidInputException",
    /at most 4096/,
  ],
  [
    "a variable given twice",
    { environmentVariablesOverride: [{ name: "A", value: "1" }, { name: "A", value: "2" }] },
    "InvalidInputException",
    /Duplicate/,
  ],
  [
    "a compute type it does not know",
    { computeTypeOverride: "small" as never },
    "InvalidInputException",
    /computeTypeOverride/,
  ],
  [
    "a wish for sessions that is no boolean",
    { debugSessionEnabled: "true" as never },
    "InvalidInputException",
    /debugSessionEnabled/,
  ],
  [
    "a curated image of another architecture",
    { imageOverride: "aws/codebuild/amazonlinux-aarch64-standard:3.0" },
    "InvalidInputException",
    /not supported/,
  ],
];

for (const [what, change, name, message] of REFUSALS) {
  Deno.test(`StartBuild refuses ${what} with ${name}`, async () => {
    await withLocalCloud({}, async (cloud) => {
      await assert.rejects(awsClients(cloud).codeBuild.send(start(change)), { name, message });
      assert.deepEqual(cloud.codeBuild.builds, []);
    });
  });
}

Deno.test("BatchGetBuilds names a session where the build has a machine and its role may open one", async () => {
  for (const opensSessions of [true, false]) {
    await withLocalCloud({ codeBuild: { opensSessions } }, async (cloud) => {
      const { codeBuild } = awsClients(cloud);
      for (const debugSessionEnabled of [true, false]) {
        const { build } = await codeBuild.send(start({ debugSessionEnabled }));
        assert.deepEqual(build?.debugSession, { sessionEnabled: debugSessionEnabled });
        await cloud.codeBuild.ended(build?.id ?? "");
        const { builds } = await codeBuild.send(new BatchGetBuildsCommand({ ids: [build?.id ?? ""] }));
        const target = builds?.[0]?.debugSession?.sessionTarget;
        const named = `codebuild:${build?.id?.split(":")[1]}`;
        assert.equal(target, debugSessionEnabled && opensSessions ? named : undefined);
      }
    });
  }
});

Deno.test("StartBuild gives the same build for the same idempotency token, and refuses other parameters", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { codeBuild } = awsClients(cloud);
    const first = await codeBuild.send(start({ idempotencyToken: "once" }));
    const second = await codeBuild.send(start({ idempotencyToken: "once" }));
    assert.equal(second.build?.id, first.build?.id);
    await assert.rejects(
      codeBuild.send(start({ idempotencyToken: "once", timeoutInMinutesOverride: 9 })),
      { name: "InvalidInputException", message: /[Ii]dempotent parameter mismatch/ },
    );
    assert.equal(cloud.codeBuild.builds.length, 1);
  });
});

Deno.test("StartBuild refuses a build beyond the project's concurrent build limit", async () => {
  const projects = [{ name: "bitbucket-runner", concurrentBuildLimit: 1 }];
  await withLocalCloud({ projects }, async (cloud) => {
    const { codeBuild } = awsClients(cloud);
    await codeBuild.send(start({ buildspecOverride: WAITING }));
    await assert.rejects(codeBuild.send(start()), { name: "AccountLimitExceededException" });
  });
});

Deno.test("Builds beyond the account's limit wait in the queue, and run when a place is free", async () => {
  await withLocalCloud({ codeBuild: { concurrentBuilds: 1 } }, async (cloud) => {
    const { codeBuild } = awsClients(cloud);
    const first = await codeBuild.send(start({ buildspecOverride: WAITING }));
    const second = await codeBuild.send(start());
    await cloud.happenings.until("build phase", { where: ({ phase }) => phase === "BUILD" });
    assert.equal(cloud.codeBuild.find(second.build?.id ?? "")?.currentPhase, "QUEUED");
    await codeBuild.send(new StopBuildCommand({ id: first.build?.id }));
    await cloud.codeBuild.ended(second.build?.id ?? "");
    assert.deepEqual(cloud.codeBuild.builds.map(({ status }) => status), ["STOPPED", "SUCCEEDED"]);
  });
});

Deno.test("StartBuild with a quota of 0 answers «Cannot have more than 0 builds in queue for the account»", async () => {
  await withLocalCloud({ codeBuild: { concurrentBuilds: 0 } }, async (cloud) => {
    await assert.rejects(awsClients(cloud).codeBuild.send(start()), {
      name: "AccountLimitExceededException",
      message: "Cannot have more than 0 builds in queue for the account",
    });
  });
});

Deno.test("StopBuild on an ended build answers with its final status; on an unknown one it is refused", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { codeBuild } = awsClients(cloud);
    const { build } = await codeBuild.send(start());
    await cloud.codeBuild.ended(build?.id ?? "");
    const answer = await codeBuild.send(new StopBuildCommand({ id: build?.id }));
    assert.equal(answer.build?.buildStatus, "SUCCEEDED");
    await assert.rejects(codeBuild.send(new StopBuildCommand({ id: "bitbucket-runner:x" })), {
      name: "ResourceNotFoundException",
    });
  });
});

Deno.test("ListBuildsForProject lists the newest build first", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { codeBuild } = awsClients(cloud);
    const first = await codeBuild.send(start());
    const second = await codeBuild.send(start());
    const { ids } = await codeBuild.send(
      new ListBuildsForProjectCommand({ projectName: "bitbucket-runner" }),
    );
    assert.deepEqual(ids, [second.build?.id, first.build?.id]);
  });
});

Deno.test("CodeBuild refuses an access key that STS did not give out", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { codeBuild } = awsClients({ ...cloud, env: { ...cloud.env, AWS_ACCESS_KEY_ID: "AKIAUNKNOWN" } });
    await assert.rejects(codeBuild.send(start()), { name: "UnrecognizedClientException" });
  });
});

function start(change: Partial<StartBuildCommandInput> = {}): StartBuildCommand {
  return new StartBuildCommand({ projectName: "bitbucket-runner", buildspecOverride: BUILDSPEC, ...change });
}
