import assert from "node:assert/strict";
import type { Pipeline } from "../../../../scripts/local_cloud/pipelines/pipeline.ts";
import type { RunnerRecord } from "../../../../scripts/local_cloud/pipelines/runner_registry.ts";
import {
  makeStandInImage,
  removeStandInImage,
} from "../../../../scripts/local_cloud/stand_in/stand_in_image.ts";
import type { LocalCloud } from "../../../../scripts/local_cloud/start_local_cloud.ts";
import { dockerOutput, whyNoDocker } from "../../../fixtures/docker_image.ts";
import { eventually } from "../../../fixtures/eventually.ts";
import { withLocalCloud } from "../../../fixtures/programs/local_cloud.ts";
import { needing } from "../../../fixtures/needing.ts";

const noDocker = await whyNoDocker();
const LABELS = ["self.hosted", "linux"];

dockerTest(
  "A Docker runner's step has a container of its name for as long as it runs",
  async (cloud, runner, container) => {
    const pipeline = start(cloud, "echo here; until [ -e ../../go ]; do sleep 0.1; done");
    const name = await containerOnceHere(cloud, runner, pipeline);
    assert.deepEqual(await containersOf(runner), [name]);
    assert.equal(await dockerOutput("inspect", "--format", "{{.State.Running}}", name), "true");
    await Deno.writeTextFile(`/tmp/${container}/go`, "");
    await cloud.bitbucket.scheduler.ended(pipeline.uuid);
    assert.equal(pipeline.result, "SUCCESSFUL");
    assert.deepEqual(await containersOf(runner), []);
  },
);

dockerTest(
  "A Docker runner that is killed leaves the container of its step",
  async (cloud, runner, container) => {
    const pipeline = start(cloud, "echo here; sleep 300");
    const name = await containerOnceHere(cloud, runner, pipeline);
    await dockerOutput("kill", container);
    await cloud.bitbucket.scheduler.ended(pipeline.uuid);
    assert.equal(pipeline.result, "ERROR");
    assert.deepEqual(await containersOf(runner), [name]);
  },
);

dockerTest(
  "A Docker runner that is stopped takes the container of its step along",
  async (cloud, runner, container) => {
    const pipeline = start(cloud, "echo here; sleep 300");
    await containerOnceHere(cloud, runner, pipeline);
    await dockerOutput("stop", container);
    await cloud.bitbucket.scheduler.ended(pipeline.uuid);
    assert.equal(pipeline.result, "ERROR");
    assert.deepEqual(await containersOf(runner), []);
  },
);

dockerTest("A step on a Docker runner sees nothing of the runner's environment", async (cloud, runner) => {
  const pipeline = start(cloud, "cat /proc/self/environ");
  await cloud.bitbucket.scheduler.ended(pipeline.uuid);
  const output = pipeline.items[0]?.[0]?.output.join("\n") ?? "";
  assert.match(output, /BITBUCKET_STEP_UUID=/);
  assert.ok(!output.includes(runner.client.secret), output);
});

dockerTest("Without Docker's socket a Docker runner fails its step", async (cloud, runner) => {
  const pipeline = start(cloud, "true");
  await cloud.bitbucket.scheduler.ended(pipeline.uuid);
  assert.equal(pipeline.result, "FAILED");
  assert.deepEqual(await containersOf(runner), []);
}, []);

function start(cloud: LocalCloud, command: string): Pipeline {
  const step = { "runs-on": LABELS, script: [command] };
  return cloud.bitbucket.startPipeline(JSON.stringify({ pipelines: { default: [{ step }] } }));
}

/** The name that the container of the pipeline's step should have, when the step has begun. */
async function containerOnceHere(
  cloud: LocalCloud,
  runner: RunnerRecord,
  pipeline: Pipeline,
): Promise<string> {
  await cloud.happenings.until("step output", { where: ({ line }) => line === "here" });
  return `${bare(runner.uuid)}_${bare(pipeline.items[0]?.[0]?.uuid ?? "")}_build`;
}

async function containersOf(runner: RunnerRecord): Promise<string[]> {
  const names = await dockerOutput(
    "ps",
    "--all",
    "--format",
    "{{.Names}}",
    "--filter",
    `name=^${bare(runner.uuid)}_`,
  );
  return names.split("\n").filter((name) => name !== "");
}

function bare(uuid: string): string {
  return uuid.replace(/[{}]/g, "");
}

function dockerTest(
  name: string,
  body: (cloud: LocalCloud, runner: RunnerRecord, container: string) => Promise<void>,
  volumes = ["--volume", "/var/run/docker.sock:/var/run/docker.sock"],
): void {
  const declared = noDocker === undefined
    ? needing(["ldd"], name)
    : { name: `${name} (skipped: ${noDocker})`, ignore: true };
  Deno.test(declared, async () => {
    await withLocalCloud({ bitbucket: { heartbeatMs: 100, offlineAfterMs: 1500 } }, async (cloud) => {
      const owner = cloud.bitbucket.settings.repositories[0]?.uuid ?? "";
      const runner = cloud.bitbucket.runners.create(owner, "stand-in", LABELS);
      const container = `runner-${bare(runner.uuid)}`;
      const image = `stand-in-runner:${crypto.randomUUID()}`;
      await makeStandInImage(image, cloud.socket);
      try {
        await dockerOutput(
          ...[
            "run",
            "--detach",
            "--network",
            "none",
            "--name",
            container,
            "--volume",
            "/tmp:/tmp",
            ...volumes,
          ],
          ...["--env", "ACCOUNT_UUID={account}", "--env", `RUNNER_UUID=${runner.uuid}`],
          ...[
            "--env",
            `OAUTH_CLIENT_ID=${runner.client.id}`,
            "--env",
            `OAUTH_CLIENT_SECRET=${runner.client.secret}`,
          ],
          ...["--env", `WORKING_DIRECTORY=/tmp/${container}`, image],
        );
        await eventually("it is online", () => runner.connection === "ONLINE" || undefined);
        await body(cloud, runner, container);
      } finally {
        await dockerOutput("rm", "--force", container, ...await containersOf(runner));
        await removeStandInImage(image);
        await Deno.remove(`/tmp/${container}`, { recursive: true });
      }
    });
  });
}
