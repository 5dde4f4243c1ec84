import assert from "node:assert/strict";
import { type Pipeline, stepsOf } from "../../../scripts/local_cloud/pipelines/pipeline.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { type Interruption, planRound, type RoundPlan } from "../../../scripts/soak/round_plan.ts";
import { resultsOf, violationsIn } from "../../../scripts/soak/violations.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";

const PLAN: RoundPlan = {
  ...planRound(1),
  pipelines: [{ steps: ["true"], startMs: 0 }],
  interruption: undefined,
};

/** A pipeline that is over, with the given results. */
async function ended(cloud: LocalCloud, results: readonly Pipeline["result"][]): Promise<Pipeline> {
  const step = { name: "Step", script: ["true"] };
  const yaml = JSON.stringify({ pipelines: { default: results.map(() => ({ step })) } });
  const pipeline = cloud.bitbucket.startPipeline(yaml, { runCloudStep: () => Promise.resolve(0) });
  await cloud.bitbucket.scheduler.ended(pipeline.uuid);
  stepsOf(pipeline).forEach((step, index) => step.result = results[index]);
  return pipeline;
}

function interruptedBy(kind: Interruption): RoundPlan {
  return { ...PLAN, interruption: { kind, atMs: 0 } };
}

Deno.test("`violationsIn()` finds nothing in a round that went as it should", async () => {
  await withLocalCloud({}, async (cloud) => {
    const pipeline = await ended(cloud, ["SUCCESSFUL", "SUCCESSFUL"]);
    assert.deepEqual(violationsIn(cloud, PLAN, [pipeline], false), []);
  });
});

Deno.test("`violationsIn()` reports wrong results, unless the flow was interrupted", async () => {
  await withLocalCloud({}, async (cloud) => {
    const pipeline = await ended(cloud, ["SUCCESSFUL", "ERROR"]);
    assert.deepEqual(violationsIn(cloud, PLAN, [pipeline], false), [
      "pipeline 1 ended with SUCCESSFUL, ERROR, not with SUCCESSFUL, SUCCESSFUL",
    ]);
    assert.deepEqual(violationsIn(cloud, interruptedBy("agent gets SIGTERM"), [pipeline], true), []);
  });
});

Deno.test("`violationsIn()` reports a runner left over, which an interruption may leave to the next build", async () => {
  await withLocalCloud({}, (cloud) => {
    cloud.bitbucket.runners.create(cloud.bitbucket.settings.repositories[0]?.uuid ?? "", "left", []);
    assert.deepEqual(violationsIn(cloud, PLAN, [], false), ["runner left is registered"]);
    assert.deepEqual(violationsIn(cloud, interruptedBy("build is stopped"), [], true), []);
    return Promise.resolve();
  });
});

Deno.test("`violationsIn()` reports a step that was cut off, unless its runner was killed", async () => {
  await withLocalCloud({}, async (cloud) => {
    const pipeline = await ended(cloud, ["SUCCESSFUL", "SUCCESSFUL"]);
    cloud.bitbucket.cancelledSteps.push(...stepsOf(pipeline).slice(1));
    const stopped = interruptedBy("pipeline is stopped");
    assert.deepEqual(violationsIn(cloud, stopped, [pipeline], true), ["step «Step» was cut off"]);
    assert.deepEqual(violationsIn(cloud, interruptedBy("container vanishes"), [pipeline], true), []);
  });
});

Deno.test("`resultsOf()` lets nothing run after the first step that fails", () => {
  assert.deepEqual(resultsOf({ steps: ["true", "exit 3", "true"] }), [
    "SUCCESSFUL",
    "SUCCESSFUL",
    "FAILED",
    "NOT_RUN",
  ]);
});

Deno.test("`planRound()` plans the same round for the same seed, and others for others", () => {
  assert.deepEqual(planRound(7), planRound(7));
  const plans = new Set(
    Array.from({ length: 50 }, (_, seed) => JSON.stringify({ ...planRound(seed), seed: 0 })),
  );
  assert.equal(plans.size, 50);
});

Deno.test("`planRound()` strikes each call once at most", () => {
  for (let seed = 0; seed < 200; seed++) {
    const { faults } = planRound(seed);
    assert.equal(new Set(faults.map(({ call }) => call)).size, faults.length);
  }
});
