import assert from "node:assert/strict";
import { makeStandInImage, removeStandInImage } from "../../scripts/local_cloud/stand_in_image.ts";
import { dockerOutput, whyNoDocker } from "../fixtures/docker_image.ts";
import { needing } from "../fixtures/needing.ts";
import { launcher, type WholeFlow, withWholeFlow } from "../fixtures/whole_flow.ts";

const noDocker = await whyNoDocker();
const LABELS = ["self.hosted", Deno.build.arch === "aarch64" ? "linux.arm64" : "linux", "codebuild"];
const LAUNCHER = launcher("start-runner --runner-type docker");

dockerTest(
  "A Docker runner serves a step in its container, and is gone with it",
  async ({ cloud, start, ended }) => {
    const script = ["echo served in $RUNTIME", "[ ! -e /etc/passwd ]"];
    const pipeline = start([LAUNCHER, { name: "Build", "runs-on": LABELS, script }]);
    await ended(pipeline);
    assert.deepEqual(cloud.bitbucket.results(pipeline).map(({ result }) => result), [
      "SUCCESSFUL",
      "SUCCESSFUL",
    ]);
    assert.ok(pipeline.items[1]?.[0]?.output.includes("served in linux-docker"));
    assert.deepEqual(cloud.codeBuild.builds.map(({ status }) => status), ["SUCCEEDED"]);
    assert.deepEqual(cloud.bitbucket.runners.all, []);
  },
);

dockerTest(
  "A Docker runner whose step fails makes the build fail, and is gone",
  async ({ cloud, start, ended }) => {
    const pipeline = start([LAUNCHER, { name: "Build", "runs-on": LABELS, script: ["sleep 1", "exit 4"] }]);
    await ended(pipeline);
    assert.equal(pipeline.result, "FAILED");
    assert.deepEqual(cloud.codeBuild.builds.map(({ status }) => status), ["FAILED"]);
    assert.deepEqual(cloud.bitbucket.runners.all, []);
  },
);

dockerTest("A container ends with the machine of its build", async ({ cloud, start, ended }) => {
  const pipeline = start([LAUNCHER, {
    name: "Build",
    "runs-on": LABELS,
    script: ["echo here", "sleep 300"],
  }]);
  await cloud.happenings.until("step output", { where: ({ line }) => line === "here" });
  cloud.codeBuild.end(cloud.codeBuild.builds[0]?.id ?? "", "FAULT");
  await ended(pipeline);
  assert.equal(pipeline.result, "ERROR");
});

function dockerTest(name: string, body: (flow: WholeFlow) => Promise<void>): void {
  const declared = needing(
    ["curl", "docker", "ldd"],
    noDocker === undefined ? name : `${name} (skipped: ${noDocker})`,
  );
  Deno.test({ ...declared, ignore: declared.ignore || noDocker !== undefined }, async () => {
    await withWholeFlow({ bitbucket: { heartbeatMs: 100, offlineAfterMs: 1500 } }, async (flow) => {
      const image = `stand-in-runner:${crypto.randomUUID()}`;
      await makeStandInImage(image, flow.cloud.socket);
      try {
        Object.assign(flow.cloud.bitbucket.settings.variables, { RUNNER_IMAGE: image });
        await body(flow);
        assert.equal(await dockerOutput("ps", "--all", "--quiet", "--filter", `ancestor=${image}`), "");
      } finally {
        await removeStandInImage(image);
      }
    });
  });
}
