import assert from "node:assert/strict";
import { flowEnded } from "../../scripts/soak/flow.ts";
import { flowLog } from "../../scripts/soak/flow_log.ts";
import { leftoversOf } from "../../scripts/local_cloud/leftovers.ts";
import { needing } from "../fixtures/needing.ts";
import { NEEDED_TOOLS, withFlowWorld } from "./flow_world.ts";

const SEVEN_SECONDS = { steps: ["sleep 3", "sleep 4"], multiStep: true };

Deno.test({
  ...needing(NEEDED_TOOLS, "OAuth tokens that live three seconds are renewed in time in a run of seven"),
  fn: async () => {
    await withFlowWorld({ bitbucket: { tokenLifetimeS: 3 } }, async ({ cloud, start }) => {
      const pipeline = start(SEVEN_SECONDS);
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(pipeline.result, "SUCCESSFUL", log);
      assert.ok(cloud.requests.count({ call: "OAuthToken" }) >= 2, log);
      assert.deepEqual(cloud.requests.all.filter(({ status }) => status === 401), [], log);
      assert.deepEqual(leftoversOf(cloud), [], log);
    });
  },
});

Deno.test({
  ...needing(NEEDED_TOOLS, "a token that Bitbucket revokes during a step is replaced"),
  fn: async () => {
    await withFlowWorld({}, async ({ cloud, start }) => {
      const pipeline = start({ steps: ["echo at work; sleep 1"], multiStep: true });
      await cloud.happenings.until("step output", { where: ({ line }) => line === "at work" });
      cloud.bitbucket.credentials.expireAll();
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(pipeline.result, "SUCCESSFUL", log);
      assert.equal(cloud.requests.all.filter(({ status }) => status === 401).length, 1, log);
      assert.deepEqual(leftoversOf(cloud), [], log);
    });
  },
});
