import assert from "node:assert/strict";
import { makeLocalRelease } from "../../scripts/local_cloud/local_release.ts";
import type { BitbucketSettings } from "../../scripts/local_cloud/pipelines/bitbucket_settings.ts";
import type { Pipeline } from "../../scripts/local_cloud/pipelines/pipeline.ts";
import { makeStandInImage, removeStandInImage } from "../../scripts/local_cloud/stand_in/stand_in_image.ts";
import type { LocalCloud } from "../../scripts/local_cloud/start_local_cloud.ts";
import { stepVariables } from "../../scripts/local_cloud/step_variables.ts";
import { flowEnded } from "../../scripts/soak/flow.ts";
import { signalProgram } from "../../scripts/soak/program_processes.ts";
import { leftoversOf } from "../../scripts/local_cloud/leftovers.ts";
import { dockerOutput, whyNoDocker } from "../fixtures/docker_image.ts";
import { eventually } from "../fixtures/eventually.ts";
import { withLocalCloud } from "../fixtures/programs/local_cloud.ts";
import { needing } from "../fixtures/needing.ts";
import { withTemporaryFolder } from "../fixtures/temporary_folder.ts";

const noDocker = await whyNoDocker();
const LABELS = ["self.hosted", Deno.build.arch === "aarch64" ? "linux.arm64" : "linux", "codebuild"];

dockerTest("A Docker runner serves a step in its container, and is gone with it", async (cloud) => {
  const pipeline = start(cloud, ["echo served with ${RUNTIME:-nothing of the runner}", "sleep 1"]);
  await flowEnded(cloud, pipeline);
  assert.equal(pipeline.result, "SUCCESSFUL");
  assert.ok(pipeline.items[1]?.[0]?.output.includes("served with nothing of the runner"));
  assert.deepEqual(cloud.codeBuild.builds.map(({ status }) => status), ["SUCCEEDED"]);
  assert.deepEqual(leftoversOf(cloud), []);
});

dockerTest("A Docker runner's step inherits nothing of its runner's variables", async (cloud) => {
  const pipeline = start(cloud, ["export -p"]);
  await cloud.happenings.until("runner registered");
  const [secret = ""] = cloud.bitbucket.runners.all.map(({ client }) => client.secret);
  await flowEnded(cloud, pipeline);
  const output = pipeline.items[1]?.[0]?.output.join("\n") ?? "";
  assert.match(output, /BITBUCKET_STEP_UUID=/);
  assert.doesNotMatch(output, /\b(ACCOUNT_UUID|RUNNER_UUID|OAUTH_CLIENT_ID|OAUTH_CLIENT_SECRET|RUNTIME)=/);
  assert.equal(secret.length > 0 && output.includes(secret), false);
});

dockerTest("A Docker runner whose step fails makes the build fail, and is gone", async (cloud) => {
  const pipeline = start(cloud, ["sleep 1", "exit 4"]);
  await flowEnded(cloud, pipeline);
  assert.equal(pipeline.result, "FAILED");
  assert.deepEqual(cloud.codeBuild.builds.map(({ status }) => status), ["FAILED"]);
  assert.deepEqual(leftoversOf(cloud), []);
});

dockerTest(
  "A Docker runner's step goes on when the agent gets a signal, and its container stays until then",
  async (cloud) => {
    const pipeline = start(cloud, ["echo here", "sleep 5"]);
    await cloud.happenings.until("step output", { where: ({ line }) => line === "here" });
    const build = cloud.codeBuild.builds[0]?.uuid ?? "";
    await eventually("the agent runs", () => signalProgram(build, "agent build", "SIGTERM") || undefined);
    await flowEnded(cloud, pipeline);
    assert.equal(pipeline.result, "SUCCESSFUL");
    assert.deepEqual(cloud.codeBuild.builds.map(({ status }) => status), ["FAILED"]);
    assert.deepEqual(cloud.bitbucket.cancelledSteps, []);
    assert.deepEqual(leftoversOf(cloud), []);
  },
);

dockerTest(
  "A Docker runner that says nothing is closed while its step runs, by its containers",
  async (cloud) => {
    const pipeline = start(cloud, ["sleep 6"]);
    await flowEnded(cloud, pipeline);
    assert.equal(pipeline.result, "SUCCESSFUL");
    const order = cloud.happenings.all.map(({ type }) => type);
    assert.ok(order.indexOf("runner closed") < order.lastIndexOf("step ended"), order.join(", "));
    assert.deepEqual(cloud.bitbucket.cancelledSteps, []);
    assert.deepEqual(leftoversOf(cloud), []);
  },
  { runnerWords: "mute" },
);

dockerTest(
  "A Docker runner that start-runner has registered lives by its senses, and leaves no container",
  async (cloud) => {
    Object.assign(cloud.bitbucket.settings.variables, { RUNNER_CREDENTIALS: "runner" });
    const pipeline = start(cloud, ["sleep 1"]);
    await flowEnded(cloud, pipeline);
    assert.equal(pipeline.result, "SUCCESSFUL");
    assert.deepEqual(cloud.codeBuild.builds.map(({ status }) => status), ["SUCCEEDED"]);
    assert.deepEqual(cloud.bitbucket.runners.all.map(({ connection }) => connection), ["OFFLINE"]);
    // Start-runner's five; the agent has no way to ask.
    assert.ok(cloud.requests.count({ api: "Bitbucket" }) <= 6);
  },
);

dockerTest(
  "A Docker runner serves a step on EC2 compute, where nobody asks for privileged mode",
  async (cloud) => {
    const arch = Deno.build.arch === "aarch64" ? "arm" : "x86_64";
    const image = `aws/codebuild/ami/amazonlinux-${arch}-base:latest`;
    Object.assign(cloud.bitbucket.settings.variables, { CODEBUILD_IMAGE: image });
    const pipeline = start(cloud, ["echo served"]);
    await flowEnded(cloud, pipeline);
    assert.equal(pipeline.result, "SUCCESSFUL");
    const [build] = cloud.codeBuild.builds;
    assert.equal(build?.input.privilegedModeOverride, undefined);
    assert.ok(
      build?.log.events.some(({ message }) => message.includes("on the machine itself, in no container")),
    );
    assert.deepEqual(leftoversOf(cloud), []);
  },
);

for (const runners of [2, 4]) {
  dockerTest(
    `${runners} Docker runners of one build serve steps at once, and are gone with it`,
    async (cloud) => {
      await withTemporaryFolder(async (gate) => {
        const pipeline = startAtOnce(cloud, runners, [...meeting(gate, runners), "pwd"]);
        await flowEnded(cloud, pipeline);
        assert.equal(pipeline.result, "SUCCESSFUL");
        const served = cloud.happenings.of("step started").flatMap(({ runnerUuid }) => runnerUuid ?? []);
        assert.equal(new Set(served).size, runners);
        const folders = pipeline.items[1]?.map(({ output }) => output.at(-1)) ?? [];
        assert.equal(new Set(folders).size, runners);
        assert.deepEqual(cloud.codeBuild.builds.map(({ status }) => status), ["SUCCEEDED"]);
        assert.deepEqual(leftoversOf(cloud), []);
      });
    },
  );
}

dockerTest("A Docker runner that is killed takes no other runner of its build along", async (cloud) => {
  await withTemporaryFolder(async (gate) => {
    const pipeline = startAtOnce(cloud, 3, [...meeting(gate, 3), "echo together", "sleep 4", "echo done"]);
    const together = () =>
      cloud.happenings.of("step output").filter(({ line }) => line === "together").length;
    await cloud.happenings.until("step output", { where: () => together() === 3 });
    const started = cloud.happenings.of("step started").find(({ runnerUuid }) => runnerUuid !== undefined);
    const victim = cloud.bitbucket.runners.all.find(({ uuid }) => uuid === started?.runnerUuid);
    await dockerOutput("kill", victim?.name ?? "");
    await flowEnded(cloud, pipeline);
    const results = pipeline.items[1]?.map(({ uuid, output }) => [uuid === started?.stepUuid, output.at(-1)]);
    assert.deepEqual(results?.map(([killed, last]) => killed !== (last === "done")), [true, true, true]);
    assert.equal(results?.filter(([killed]) => killed).length, 1);
    assert.deepEqual(cloud.bitbucket.cancelledSteps.map(({ uuid }) => uuid), [started?.stepUuid]);
    assert.deepEqual(cloud.codeBuild.builds.map(({ status }) => status), ["FAILED"]);
    assert.deepEqual(leftoversOf(cloud), []);
  });
});

dockerTest("In the local cloud a container ends with the machine of its build", async (cloud) => {
  const pipeline = start(cloud, ["echo here", "sleep 60"]);
  await cloud.happenings.until("step output", { where: ({ line }) => line === "here" });
  cloud.codeBuild.end(cloud.codeBuild.builds[0]?.id ?? "", "FAULT");
  await flowEnded(cloud, pipeline);
  assert.equal(pipeline.result, "ERROR");
});

/** Steps that go on when all of them have begun, and fail when that takes too long. */
function meeting(gate: string, steps: number): string[] {
  const there = `set -- ${gate}/*; [ $# -ge ${steps} ]`;
  return [
    `echo here >${gate}/"$BITBUCKET_STEP_UUID"`,
    `looks=0; until ${there}; do looks=$((looks + 1)); [ $looks -lt 300 ]; sleep 0.2; done`,
  ];
}

/** A launcher, and steps at once, each on a runner of its own in one build. */
function startAtOnce(cloud: LocalCloud, runners: number, script: string[]): Pipeline {
  const launcher = { oidc: true, script: [`start-runner --runner-type docker --runners ${runners}`] };
  const parallel = Array.from({ length: runners }, () => ({ step: { "runs-on": LABELS, script } }));
  const yaml = JSON.stringify({ pipelines: { default: [{ step: launcher }, { parallel }] } });
  return cloud.bitbucket.startPipeline(yaml);
}

/** A launcher, and one step on the runner. */
function start(cloud: LocalCloud, script: string[]): Pipeline {
  const steps = [
    { oidc: true, script: ["start-runner --runner-type docker"] },
    { "runs-on": LABELS, script },
  ];
  const yaml = JSON.stringify({ pipelines: { default: steps.map((step) => ({ step })) } });
  return cloud.bitbucket.startPipeline(yaml);
}

function dockerTest(
  name: string,
  body: (cloud: LocalCloud) => Promise<void>,
  platform: Partial<BitbucketSettings> = {},
): void {
  const declared = noDocker === undefined
    ? needing(["curl", "ldd"], name)
    : { name: `${name} (skipped: ${noDocker})`, ignore: true };
  Deno.test(declared, async () => {
    await withTemporaryFolder(async (folder) => {
      const release = await makeLocalRelease(folder, ["docker"]);
      const bitbucket = { heartbeatMs: 100, offlineAfterMs: 1500, ...platform };
      await withLocalCloud({ releaseFolder: release.folder, bitbucket }, async (cloud) => {
        const image = `stand-in-runner:${crypto.randomUUID()}`;
        cloud.bitbucket.settings.variables = {
          ...stepVariables(cloud, release.bin),
          RUNNER_IMAGE: image,
          RUNNER_HAND_ON: "RUNNER_IMAGE",
        };
        await makeStandInImage(image, cloud.socket);
        try {
          await body(cloud);
          assert.equal(await dockerOutput("ps", "--all", "--quiet", "--filter", `ancestor=${image}`), "");
        } finally {
          await removeStandInImage(image);
        }
      });
    });
  });
}
