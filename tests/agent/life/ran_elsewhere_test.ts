import assert from "node:assert/strict";
import { countRanElsewhere } from "../../../agent/life/ran_elsewhere.ts";
import { type PipelineStep, pipelineStepSchema } from "../../../shared/calls/bitbucket_schema.ts";

type State = "waiting" | "running" | "passed" | "failed" | "not run" | "no runner" | "failed in the middle";

const STATES: Readonly<Record<State, Partial<PipelineStep>>> = {
  "waiting": { state: { name: "PENDING" } },
  "running": { state: { name: "IN_PROGRESS" } },
  "passed": { state: { name: "COMPLETED", result: { name: "SUCCESSFUL" } } },
  "failed": { state: { name: "COMPLETED", result: { name: "FAILED" } } },
  "not run": {
    state: { name: "COMPLETED", result: { name: "NOT_RUN" } },
    started_on: "2026-11-21T04:00:00Z",
  },
  "no runner": { state: { name: "COMPLETED", result: { name: "ERROR" } } },
  "failed in the middle": {
    state: { name: "COMPLETED", result: { name: "ERROR" } },
    started_on: "2026-11-21T04:00:00Z",
  },
};

function step(uuid: string, state: State, runner?: string, run?: number): PipelineStep {
  return pipelineStepSchema.parse({
    uuid,
    run_number: run,
    ...STATES[state],
    ...(runner ? { runner: { uuid: runner } } : {}),
  });
}

const OWN = { runnerUuids: ["{me}"], servedSteps: ["{mine}"], launcherStep: "{launcher}" };
const LAUNCHER = step("{launcher}", "passed");

const TABLE: readonly { name: string; steps: readonly PipelineStep[]; count: number }[] = [
  { name: "nothing of its own and the launcher's", steps: [LAUNCHER, step("{mine}", "passed")], count: 0 },
  {
    name: "each step that another served or serves",
    steps: [LAUNCHER, step("{1}", "passed"), step("{2}", "failed"), step("{3}", "running")],
    count: 3,
  },
  {
    name: "no step that never ran",
    steps: [LAUNCHER, step("{1}", "waiting"), step("{2}", "not run"), step("{3}", "no runner")],
    count: 0,
  },
  {
    name: "each run of a step that was run again, less those of its own",
    steps: [LAUNCHER, step("{mine}", "passed", undefined, 3), step("{1}", "failed", undefined, 2)],
    count: 4,
  },
  {
    name: "a step that broke down while it ran",
    steps: [LAUNCHER, step("{1}", "failed in the middle")],
    count: 1,
  },
  {
    name: "only other runners' steps where Bitbucket names runners",
    steps: [
      LAUNCHER,
      step("{1}", "passed"),
      step("{2}", "passed", "{me}"),
      step("{3}", "passed", "{another}"),
    ],
    count: 1,
  },
];

for (const { name, steps, count } of TABLE) {
  Deno.test(`\`countRanElsewhere()\` counts ${name}`, () =>
    assert.equal(countRanElsewhere(steps, OWN), count));
}

Deno.test("`countRanElsewhere()` takes the first step for the launcher where it is not known", () => {
  const own = { ...OWN, launcherStep: undefined };
  assert.equal(countRanElsewhere([step("{first}", "passed"), step("{1}", "passed")], own), 1);
  assert.equal(countRanElsewhere([], own), 0);
});
