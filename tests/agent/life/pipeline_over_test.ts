import assert from "node:assert/strict";
import { failedRun, pipelineOver, waitsForPerson } from "../../../agent/life/pipeline_over.ts";
import { pipelineStepSchema } from "../../../shared/calls/bitbucket_schema.ts";

const PIPELINES: readonly [name: string, stage: string | undefined, over: ReturnType<typeof pipelineOver>][] =
  [
    ["PENDING", undefined, undefined],
    ["IN_PROGRESS", "RUNNING", undefined],
    ["IN_PROGRESS", undefined, undefined],
    ["IN_PROGRESS", "PAUSED", "at a manual gate"],
    ["IN_PROGRESS", "HALTED", "at a manual gate"],
    ["COMPLETED", undefined, "ended"],
    ["A_NEW_STATE", "A_NEW_STAGE", undefined],
  ];

Deno.test("`pipelineOver()` knows when nothing more comes by itself", () => {
  for (const [name, stage, over] of PIPELINES) {
    const state = stage === undefined ? { name } : { name, stage: { name: stage } };
    assert.equal(pipelineOver({ uuid: "{p}", state }), over, `${name} ${stage}`);
  }
});

const RUNS: readonly [name: string, result: string | undefined, run: number | undefined][] = [
  ["COMPLETED", "FAILED", 3],
  ["COMPLETED", "ERROR", 3],
  ["COMPLETED", "SUCCESSFUL", undefined],
  ["COMPLETED", "STOPPED", undefined],
  ["COMPLETED", "EXPIRED", undefined],
  ["COMPLETED", undefined, undefined],
  ["IN_PROGRESS", undefined, undefined],
];

Deno.test("`failedRun()` numbers the run of which Bitbucket offers to run the failed steps again", () => {
  for (const [name, result, run] of RUNS) {
    const state = result === undefined ? { name } : { name, result: { name: result } };
    assert.equal(failedRun({ uuid: "{p}", run_number: 3, state }), run, `${name} ${result}`);
  }
  assert.equal(failedRun({ uuid: "{p}", state: { name: "COMPLETED", result: { name: "FAILED" } } }), 1);
});

/** Steps in short: state, and «m» for one that a person starts. */
const STEPS: readonly [steps: readonly string[], waits: boolean][] = [
  [["COMPLETED", "PENDING m", "PENDING"], true],
  [["COMPLETED", "PENDING m"], true],
  [["COMPLETED", "PENDING", "PENDING m"], false],
  [["COMPLETED m", "PENDING"], false],
  [["IN_PROGRESS", "PENDING m"], false],
  [["PENDING m", "READY"], false],
  [["COMPLETED", "COMPLETED m"], false],
  [[], false],
];

Deno.test("`waitsForPerson()` sees a manual gate in the steps", () => {
  for (const [words, waits] of STEPS) {
    const steps = words.map((word, index) => {
      const [name, manual] = word.split(" ");
      const type = `pipeline_step_trigger_${manual === undefined ? "automatic" : "manual"}`;
      return pipelineStepSchema.parse({ uuid: `{${index}}`, state: { name }, trigger: { type } });
    });
    assert.equal(waitsForPerson(steps), waits, words.join(", "));
  }
});
