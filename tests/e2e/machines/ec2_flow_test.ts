import assert from "node:assert/strict";
import { leftoversOf } from "../../../scripts/local_cloud/leftovers.ts";
import { buildsOf, flowEnded } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { needing } from "../../fixtures/needing.ts";
import { NEEDED_TOOLS, withFlowWorld } from "../flow_world.ts";

const IMAGE = `aws/codebuild/ami/amazonlinux-${Deno.build.arch === "aarch64" ? "arm" : "x86_64"}-base:latest`;
const TYPE = Deno.build.arch === "aarch64" ? "ARM_EC2" : "LINUX_EC2";

/** What is set on EC2 compute is not known: the flow does without. */
const LACKING: [what: string, ec2Lacks: readonly string[]][] = [
  ["all that containers have", []],
  ["no folder for sources", ["CODEBUILD_SRC_DIR"]],
  ["next to nothing", [
    "CODEBUILD_SRC_DIR",
    "CODEBUILD_START_TIME",
    "CODEBUILD_BUILD_URL",
    "CI",
    "CODEBUILD_PROJECT_ARN",
  ]],
];

for (const [what, ec2Lacks] of LACKING) {
  Deno.test({
    ...needing(NEEDED_TOOLS, `A shell runner serves its step on EC2 compute with ${what}`),
    fn: async () => {
      await withFlowWorld({ codeBuild: { ec2Lacks } }, async ({ cloud, start }) => {
        const pipeline = start({ steps: ["echo served"], variables: { CODEBUILD_IMAGE: IMAGE } });
        await flowEnded(cloud, pipeline);
        const log = flowLog(cloud, pipeline);
        assert.equal(pipeline.result, "SUCCESSFUL", log);
        const [build] = buildsOf(cloud, pipeline);
        assert.deepEqual([build?.environmentType, build?.input.privilegedModeOverride], [TYPE, undefined]);
        assert.match(log, new RegExp(`The build runs on the machine itself, in no container: ${IMAGE}`));
        assert.doesNotMatch(log, /a minute/);
        assert.deepEqual(leftoversOf(cloud), []);
      });
    },
  });
}

Deno.test({
  ...needing(NEEDED_TOOLS, "A runner that start-runner has registered serves its step on EC2 compute"),
  fn: async () => {
    await withFlowWorld({}, async ({ cloud, start }) => {
      const variables = { CODEBUILD_IMAGE: IMAGE, RUNNER_CREDENTIALS: "runner" };
      const pipeline = start({ steps: ["echo served"], variables });
      await flowEnded(cloud, pipeline);
      assert.equal(pipeline.result, "SUCCESSFUL", flowLog(cloud, pipeline));
    });
  },
});
