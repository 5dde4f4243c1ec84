import assert from "node:assert/strict";
import { lifeNews } from "../../../agent/life/life_news.ts";
import { type Lifecycle, startLifecycle } from "../../../agent/life/lifecycle_state.ts";

const START = startLifecycle({
  mode: "multi-step",
  pipelineUuid: "{own}",
  shortestLookMs: 10_000,
  idleTimeoutMs: Infinity,
}, 0);
const STEP = { pipelineUuid: "{own}", stepUuid: "{s}" };

const TABLE: readonly { before?: Partial<Lifecycle>; after: Partial<Lifecycle>; news: readonly string[] }[] =
  [
    { after: {}, news: [] },
    { after: { running: STEP }, news: ["Step {s} of this pipeline began"] },
    {
      after: { running: { ...STEP, pipelineUuid: "{other}" } },
      news: ["Step {s} of another pipeline began"],
    },
    { before: { running: STEP }, after: { running: { ...STEP } }, news: [] },
    {
      before: { running: STEP },
      after: { served: [{ ...STEP, result: "PASSED" }], reason: "it has served its step", stage: "leaving" },
      news: ["Step {s} ended: PASSED", "The runner leaves: it has served its step"],
    },
    { after: { door: "closed" }, news: ["The runner is closed to new steps"] },
    {
      after: { door: "refused" },
      news: ["Bitbucket does not close the runner to new steps; going on without"],
    },
    { before: { door: "refused" }, after: { door: "refused" }, news: [] },
    {
      before: { door: "closed" },
      after: { door: "open" },
      news: ["The runner has been opened again, probably by its own heartbeat; closing it once more"],
    },
    { after: { over: "ended" }, news: ["The pipeline has ended"] },
    { after: { over: "at a manual gate" }, news: ["The pipeline waits at a manual gate"] },
    {
      after: { debt: 1 },
      news: ["Another runner may have served a step of this pipeline; staying a while for a step in return"],
    },
    { after: { debt: 0 }, news: [] },
    { before: { stage: "stopping" }, after: { stage: "unregistering" }, news: ["The runner is stopped"] },
    { before: { stage: "unregistering" }, after: { stage: "done" }, news: ["The runner is unregistered"] },
    {
      before: { stage: "unregistering" },
      after: { stage: "done", fault: "The runner could not be unregistered" },
      news: ["The runner could not be unregistered"],
    },
    {
      before: { stage: "unregistering", fault: "The runner ended by itself" },
      after: { stage: "done", fault: "The runner ended by itself" },
      news: ["The runner is unregistered"],
    },
  ];

for (const { before, after, news } of TABLE) {
  Deno.test(`\`lifeNews()\` says ${news.join(", and ") || `nothing of ${JSON.stringify(after)}`}`, () => {
    assert.deepEqual(lifeNews({ ...START, ...before }, { ...START, ...after }), news);
  });
}
