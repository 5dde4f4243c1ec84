import assert from "node:assert/strict";
import { buildsOf, flowEnded } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { needing } from "../../fixtures/needing.ts";
import { NEEDED_TOOLS, withFlowWorld } from "../flow_world.ts";

Deno.test({
  ...needing(
    NEEDED_TOOLS,
    "a build's log ends with where its time went, and with metrics where they are asked for",
  ),
  fn: async () => {
    await withFlowWorld({ codeBuild: { provisioningMs: 1_200 } }, async ({ cloud, start }) => {
      const pipeline = start({
        steps: ["sleep 1", "sleep 1"],
        multiStep: true,
        variables: { RUNNER_METRICS: "true", RUNNER_VERBOSE: "true" },
      });
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(pipeline.result, "SUCCESSFUL", log);
      assert.match(log, /Z runs-on: \[self\.hosted, linux\.shell, codebuild\]\n/);
      assert.match(log, /Z Bitbucket requests: \d+\n/);
      const [build] = buildsOf(cloud, pipeline);
      const lines = build?.log.events.map(({ message }) => message.trimEnd()) ?? [];
      const told = lines.filter((line) => line.includes("Z Timeline: "));
      assert.equal(told.length, 1, log);
      assert.match(
        told[0] ?? "",
        /Z Timeline: queued [\d.]+ s, provisioning [\d.]+ s, (install [\d.]+ s, )?online [\d.]+ s, idle before the step [\d.]+ s, step [\d.]+ s, (idle between steps [\d.]+ s, )?tail [\d.]+ s; in all [\d.]+ s, \d+ % of it idle$/,
      );
      const metrics = lines.filter((line) => line.startsWith('{"_aws":')).map((line) => JSON.parse(line));
      assert.equal(metrics.length, 1, log);
      const { Repository, StepSeconds, IdleSeconds, ProvisioningSeconds, QueueSeconds } = metrics[0];
      assert.equal(Repository, "demo");
      assert.ok(StepSeconds >= 2 && StepSeconds < 10, log);
      for (const seconds of [IdleSeconds, ProvisioningSeconds, QueueSeconds]) {
        assert.ok(seconds >= 0 && seconds < 60, log);
      }
    });
  },
});

Deno.test({
  ...needing(
    NEEDED_TOOLS,
    "a build that is not asked for more tells its time in one line, without a request for it",
  ),
  fn: async () => {
    await withFlowWorld({}, async ({ cloud, start }) => {
      const pipeline = start({ steps: ["sleep 1"] });
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.match(
        log,
        /Z Timeline: before (?:install [\d.]+ s, install|the agent) [\d.]+ s, online [\d.]+ s, idle before the step [\d.]+ s, step [\d.]+ s, tail [\d.]+ s; in all /,
      );
      assert.doesNotMatch(log, /"_aws"|Bitbucket requests:|submitted 0 s/);
    });
  },
});
