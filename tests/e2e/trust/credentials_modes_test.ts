import assert from "node:assert/strict";
import { buildsOf, exitCodeOf, flowEnded, type FlowPlan } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { leftoversOf } from "../../../scripts/local_cloud/leftovers.ts";
import type { Pipeline } from "../../../scripts/local_cloud/pipelines/pipeline.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { parseIdentities } from "../../../shared/settings/runner_identity.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { needing } from "../../fixtures/needing.ts";
import { type FlowWorld, NEEDED_TOOLS, withFlowWorld } from "../flow_world.ts";

const MODES = ["secret", "token", "project"] as const;
/** What a step on a shell runner can look at without any trick. */
const LOOK_AROUND = "env; tr '\\0' '\\n' </proc/$PPID/environ";

/** Plays a pipeline in a mode to its end; says what happened when it did not end well. */
async function play(world: FlowWorld, mode: string, plan: Partial<FlowPlan> = {}): Promise<Pipeline> {
  const variables = { RUNNER_CREDENTIALS: mode, RUNNER_IDLE_TIMEOUT: "1", ...plan.variables };
  const pipeline = world.start({ steps: ["true"], ...plan, variables });
  await flowEnded(world.cloud, pipeline);
  assert.equal(pipeline.result, "SUCCESSFUL", flowLog(world.cloud, pipeline));
  return pipeline;
}

function variablesOf({ cloud }: FlowWorld, pipeline: Pipeline): Record<string, string> {
  const sent = buildsOf(cloud, pipeline).flatMap(({ input }) => input.environmentVariablesOverride);
  return Object.fromEntries(sent.map(({ name, value }) => [name, value]));
}

for (const mode of MODES) {
  Deno.test({
    ...needing(
      NEEDED_TOOLS,
      `a flow in mode ${mode} ends well and leaves nothing, and the step sees no credentials`,
    ),
    fn: async () => {
      await withFlowWorld({}, async (world) => {
        const { cloud } = world;
        const pipeline = await play(world, mode, { steps: [LOOK_AROUND] });
        assert.deepEqual(leftoversOf(cloud), [], flowLog(cloud, pipeline));
        const sent = variablesOf(world, pipeline);
        const [consumer] = cloud.bitbucket.settings.consumers;
        const hasSecret = Object.values(sent).includes(consumer?.secret ?? "");
        assert.equal(hasSecret, mode === "secret");
        assert.equal(sent["BITBUCKET_ACCESS_TOKEN"] !== undefined, mode === "token");
        // The project's own consumer is there in all modes; with a token made for the build nobody asks for another.
        // Where the step's consumer is handed on, start-runner has tried it before.
        assert.equal(cloud.requests.count({ call: "OAuthToken" }), mode === "secret" ? 2 : 1);
        const seen = pipeline.items[1]?.[0]?.output.join("\n") ?? "";
        const token = sent["BITBUCKET_ACCESS_TOKEN"];
        // The step's own variables are the repository's, the credentials of this test among them.
        if (token !== undefined) assert.ok(!seen.includes(token));
      });
    },
  });
}

Deno.test({
  ...needing(
    NEEDED_TOOLS,
    "in mode runner no power over runners enters the build, and the next start tidies up",
  ),
  fn: async () => {
    await withFlowWorld({ projects: [{ name: "bitbucket-runner" }] }, async (world) => {
      const { cloud } = world;
      const { bitbucket } = cloud;
      const first = await play(world, "runner");
      const log = flowLog(cloud, first);
      const [runner] = bitbucket.runners.all;
      assert.deepEqual(bitbucket.runners.all.length, 1, log);
      assert.equal(runner?.name.slice(0, 36), buildsOf(cloud, first)[0]?.uuid, log);
      assert.equal(runner?.connection, "OFFLINE", log);
      assert.ok(
        cloud.requests.count({ api: "Bitbucket" }) <= 6,
        JSON.stringify(cloud.requests.byCall("Bitbucket")),
      );

      const sent = variablesOf(world, first);
      assert.equal(parseIdentities(sent["RUNNER_IDENTITY"] ?? "")[0]?.uuid, runner?.uuid);
      const [consumer] = bitbucket.settings.consumers;
      for (const secret of [consumer?.key, consumer?.secret]) {
        assert.ok(!JSON.stringify(sent).includes(secret ?? "none"), secret);
      }
      assert.deepEqual(
        Object.keys(sent).filter((name) =>
          name.startsWith("BITBUCKET_") && name !== "BITBUCKET_POLL_INTERVAL"
        ),
        [],
      );

      const second = await play(world, "runner");
      await eventually("the first runner is removed", () => bitbucket.runners.all.length === 1 || undefined);
      assert.notEqual(bitbucket.runners.all[0]?.uuid, runner?.uuid, flowLog(cloud, second));
    });
  },
});

Deno.test({
  ...needing(
    NEEDED_TOOLS,
    "in mode runner with --multi-step one runner serves a pipeline's steps, and leaves when idle",
  ),
  fn: async () => {
    await withFlowWorld({ projects: [{ name: "bitbucket-runner" }] }, async (world) => {
      const pipeline = await play(world, "runner", { steps: ["true", "sleep 2", "true"], multiStep: true });
      assert.equal(buildsOf(world.cloud, pipeline)[0]?.status, "SUCCEEDED", flowLog(world.cloud, pipeline));
    });
  },
});

Deno.test({
  ...needing(NEEDED_TOOLS, "in mode runner a failed step fails its build by the runner's own word"),
  fn: async () => {
    await withFlowWorld({ projects: [{ name: "bitbucket-runner" }] }, async ({ cloud, start }) => {
      const pipeline = start({ steps: ["exit 3"], variables: { RUNNER_CREDENTIALS: "runner" } });
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(pipeline.result, "FAILED", log);
      assert.equal(buildsOf(cloud, pipeline)[0]?.status, "FAILED", log);
    });
  },
});

/** A step in Bitbucket's own cloud, and one for whichever runner has these labels: it waits while that is busy. */
const STRANGER = JSON.stringify({
  pipelines: {
    default: [
      { step: { name: "First", script: ["true"] } },
      { step: { name: "Second", "runs-on": ["self.hosted", "linux.shell"], script: ["true"] } },
    ],
  },
});
/** What is handed over reaches the runner only after the agent has stopped it; where it can close the runner, nothing is. */
for (const [mode, lost] of [["runner", 1], ["project", 0]] as const) {
  Deno.test({
    ...needing(
      NEEDED_TOOLS,
      `in mode ${mode} ${lost === 0 ? "no step" : "a step"} is lost that was handed over in the last moment`,
    ),
    fn: async () => {
      await withFlowWorld({ bitbucket: { pickUpMs: 8_000 } }, async ({ cloud, start }) => {
        const pipeline = start({ steps: ["echo at work; sleep 4"], variables: { RUNNER_CREDENTIALS: mode } });
        await cloud.happenings.until("step output", { where: ({ line }) => line === "at work" });
        const stranger = cloud.bitbucket.startPipeline(STRANGER);
        await flowEnded(cloud, pipeline);
        const log = flowLog(cloud, pipeline);
        assert.equal(pipeline.result, "SUCCESSFUL", log);
        assert.equal(cloud.bitbucket.cancelledSteps.length, lost, log);
        await cloud.bitbucket.scheduler.ended(stranger.uuid);
        assert.notEqual(stranger.result, "SUCCESSFUL", "nobody has started a runner for it");
      });
    },
  });
}

for (const mode of ["secret", "token"] as const) {
  Deno.test({
    ...needing(NEEDED_TOOLS, `in mode ${mode} with a KMS key nothing secret is in the build's record`),
    fn: async () => {
      await withFlowWorld({}, async (world) => {
        const { cloud } = world;
        const variables = { RUNNER_KMS_KEY: "alias/bitbucket-runner" };
        const pipeline = await play(world, mode, { variables });
        const sent = variablesOf(world, pipeline);
        const secrets = [
          ...cloud.bitbucket.settings.consumers.flatMap(({ key, secret }) => [key, secret]),
          ...cloud.bitbucket.credentials.tokens,
        ];
        for (const secret of secrets) assert.ok(!JSON.stringify(sent).includes(secret), secret);
        assert.equal(cloud.requests.count({ call: "Encrypt" }), 1);
        assert.equal(cloud.requests.count({ call: "Decrypt" }), 1);
        assert.deepEqual(leftoversOf(cloud), [], flowLog(cloud, pipeline));
      });
    },
  });
}

/** What goes wrong with KMS on either side, start-runner's exit code, and what the log says to whom. */
const KMS_FAULTS:
  readonly (readonly [what: string, spoil: (cloud: LocalCloud) => void, code: number, said: RegExp])[] = [
    [
      "the key is disabled",
      ({ kms }) => kms.keys.forEach((key) => key.state = "Disabled"),
      2,
      /enable the key of --kms-key/,
    ],
    [
      "the key is disabled once the build is on its way",
      ({ kms, happenings }) =>
        void happenings.until("build started").then(() => kms.keys.forEach((key) => key.state = "Disabled")),
      2,
      /the key of --kms-key is gone, disabled or about to be deleted/,
    ],
  ];
for (const mode of ["secret", "runner"] as const) {
  for (const [what, spoil, code, said] of KMS_FAULTS) {
    Deno.test({
      ...needing(NEEDED_TOOLS, `in mode ${mode} a start fails clearly and leaves nothing when ${what}`),
      fn: async () => {
        await withFlowWorld({ projects: [{ name: "bitbucket-runner" }] }, async ({ cloud, start }) => {
          const variables = { RUNNER_CREDENTIALS: mode, RUNNER_KMS_KEY: "alias/bitbucket-runner" };
          spoil(cloud);
          const pipeline = start({ steps: ["true"], variables });
          await flowEnded(cloud, pipeline);
          const log = flowLog(cloud, pipeline);
          assert.equal(exitCodeOf(pipeline), code, log);
          assert.match(log, said);
          assert.deepEqual(leftoversOf(cloud), [], log);
        });
      },
    });
  }
}
