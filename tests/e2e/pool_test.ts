import assert from "node:assert/strict";
import type { BitbucketSettings } from "../../scripts/local_cloud/pipelines/bitbucket_settings.ts";
import { type Pipeline, stepsOf } from "../../scripts/local_cloud/pipelines/pipeline.ts";
import { buildsOf, flowEnded, type FlowPlan } from "../../scripts/soak/flow.ts";
import { flowLog } from "../../scripts/soak/flow_log.ts";
import { leftoversOf } from "../../scripts/local_cloud/leftovers.ts";
import { resultsOf } from "../../scripts/soak/violations.ts";
import { needing } from "../fixtures/needing.ts";
import { NEEDED_TOOLS, sideBySide, withFlowWorld } from "./flow_world.ts";

interface Pool {
  readonly bitbucket: Partial<Pick<BitbucketSettings, "closeForm" | "showsStep">>;
  readonly plans: readonly FlowPlan[];
}

/** For one build, on average: looks come ten times as often here as by default, and neighbours are looked for. */
const MOST_REQUESTS = 20;

const ONE: FlowPlan = { steps: ["sleep 0.5"] };
const QUICK: FlowPlan = { steps: ["true"] };
const FAILING: FlowPlan = { steps: ["sleep 0.3; exit 3"] };
const TWO: FlowPlan = { steps: ["sleep 0.5", "sleep 0.2"], multiStep: true };
const THREE: FlowPlan = { steps: ["true", "sleep 1", "true"], multiStep: true };
const FAILING_SECOND: FlowPlan = { steps: ["true", "exit 1"], multiStep: true };

const POOLS: Readonly<Record<string, Pool>> = {
  "two single-step pipelines": { bitbucket: {}, plans: [ONE, QUICK] },
  "three multi-step pipelines": { bitbucket: {}, plans: [TWO, THREE, TWO] },
  "six mixed pipelines": { bitbucket: {}, plans: [ONE, TWO, QUICK, THREE, FAILING, FAILING_SECOND] },
  "two single-step pipelines, the older form alone honoured": {
    bitbucket: { closeForm: "state" },
    plans: [QUICK, ONE],
  },
  "four mixed pipelines, the older form alone honoured and steps not shown": {
    bitbucket: { closeForm: "state", showsStep: false },
    plans: [TWO, ONE, FAILING, QUICK],
  },
  "three mixed pipelines, neither form honoured": {
    bitbucket: { closeForm: "none" },
    plans: [ONE, TWO, FAILING],
  },
  "three single-step pipelines, neither form honoured and steps not shown": {
    bitbucket: { closeForm: "none", showsStep: false },
    plans: [ONE, QUICK, ONE],
  },
};

for (const [name, { bitbucket, plans }] of Object.entries(POOLS)) {
  Deno.test({
    ...needing(NEEDED_TOOLS, `A pool of ${name} serves every step, and leaves nothing`),
    fn: async () => {
      await withFlowWorld({ bitbucket }, async ({ cloud, start }) => {
        const pipelines = plans.map(start);
        await sideBySide(pipelines, (pipeline) => flowEnded(cloud, pipeline));
        const log = pipelines.map((pipeline) => flowLog(cloud, pipeline)).join("\n");
        assert.deepEqual(pipelines.map(results), plans.map(resultsOf), log);
        assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
        assert.deepEqual(leftoversOf(cloud), [], log);
        for (const pipeline of pipelines) assert.equal(buildsOf(cloud, pipeline).length, 1, log);
        assert.ok(cloud.requests.count({ api: "Bitbucket" }) <= MOST_REQUESTS * plans.length, log);
      });
    },
  });
}

function results(pipeline: Pipeline): (string | undefined)[] {
  return stepsOf(pipeline).map(({ result }) => result);
}
