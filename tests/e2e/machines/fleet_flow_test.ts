import assert from "node:assert/strict";
import { leftoversOf } from "../../../scripts/local_cloud/leftovers.ts";
import { buildsOf, flowEnded } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { needing } from "../../fixtures/needing.ts";
import { FLEET } from "../../fixtures/servers/fleet.ts";
import { NEEDED_TOOLS, withFlowWorld } from "../flow_world.ts";

/** The fleet's room counts: on demand this account runs nothing. */
const CODE_BUILD = { fleets: [FLEET], concurrentBuilds: 0 };

Deno.test({
  ...needing(NEEDED_TOOLS, "Two pipelines share a fleet of one machine, one after the other"),
  fn: async () => {
    await withFlowWorld({ codeBuild: CODE_BUILD }, async ({ cloud, start }) => {
      const variables = { CODEBUILD_FLEET: "builders" };
      const first = start({ steps: ["sleep 1"], variables });
      await cloud.happenings.until("runner registered");
      const second = start({ steps: ["echo served"], variables });
      for (const pipeline of [first, second]) {
        await flowEnded(cloud, pipeline);
        assert.equal(pipeline.result, "SUCCESSFUL", flowLog(cloud, pipeline));
      }
      const [earlier, later] = [first, second].flatMap((pipeline) => buildsOf(cloud, pipeline));
      const begun = later?.phases.find(({ phaseType }) => phaseType === "PROVISIONING")?.startMs ?? 0;
      assert.ok(begun >= (earlier?.endMs ?? Infinity), "a machine has one build at a time");
      assert.deepEqual(leftoversOf(cloud), []);
    });
  },
});
