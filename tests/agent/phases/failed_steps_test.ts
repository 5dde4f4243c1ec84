import assert from "node:assert/strict";
import { startLifecycle } from "../../../agent/life/lifecycle.ts";
import { type ServedStep, SOMEBODYS_PIPELINE } from "../../../agent/life/lifecycle_state.ts";
import { failedSteps } from "../../../agent/phases/failed_steps.ts";
import { StepResults } from "../../../agent/ask/step_results.ts";
import { clientSetup } from "../../fixtures/bitbucket_client_setup.ts";

const CALM = new AbortController().signal;
const OWN = "{own}";

const served = (stepUuid: string, result: string, pipelineUuid = OWN): ServedStep => ({
  pipelineUuid,
  stepUuid,
  result,
});
const known = (uuid: string, result: string, run_number = 1) => ({
  uuid,
  name: "Test",
  run_number,
  state: { name: "COMPLETED", result: { name: result } },
});

interface Case {
  readonly name: string;
  readonly served: readonly ServedStep[];
  readonly steps?: readonly ReturnType<typeof known>[];
  /** What was learned while the runner was watched. */
  readonly noted?: readonly ReturnType<typeof known>[];
  readonly bitbucket?: "never";
  readonly away?: boolean;
  readonly failed: readonly string[];
  readonly requests: number;
  readonly said?: RegExp;
}

const SILENT = "the runner's own word counts";
const CASES: readonly Case[] = [
  {
    name: "believes Bitbucket that a step failed which the runner's log calls PASSED",
    served: [served("{a}", "PASSED"), served("{b}", "PASSED")],
    steps: [known("{a}", "SUCCESSFUL"), known("{b}", "FAILED")],
    failed: ["{b} (FAILED)"],
    requests: 1,
  },
  {
    name: "believes Bitbucket that a step was stopped, which a runner calls FAILED too",
    served: [served("{a}", "FAILED"), served("{b}", "UNKNOWN")],
    steps: [known("{a}", "STOPPED"), known("{b}", "ERROR")],
    failed: ["{b} (ERROR)"],
    requests: 1,
  },
  {
    name: "asks for nothing that was learned on the way",
    served: [served("{a}", "PASSED")],
    noted: [known("{a}", "FAILED")],
    failed: ["{a} (FAILED)"],
    requests: 0,
  },
  {
    name: "counts only the last run of a step that was run again",
    served: [
      served("{a}", "FAILED"),
      served("{a}", "PASSED"),
      served("{b}", "PASSED"),
      served("{b}", "FAILED"),
    ],
    bitbucket: "never",
    failed: ["{b} (FAILED)"],
    requests: 0,
  },
  {
    name: "does not count a step whose place another has taken in the rerun",
    served: [served("{a}", "FAILED"), served("{b}", "PASSED")],
    noted: [known("{b}", "SUCCESSFUL", 2)],
    failed: [],
    requests: 0,
  },
  {
    name: "does not count a step beside which another stands for the rerun",
    served: [served("{a}", "FAILED"), served("{b}", "PASSED")],
    noted: [known("{a}", "FAILED"), known("{b}", "SUCCESSFUL", 2)],
    failed: [],
    requests: 0,
  },
  {
    name: "takes the runner's word where Bitbucket does not answer, and says so",
    served: [served("{a}", "FAILED"), served("{b}", "PASSED")],
    away: true,
    failed: ["{a} (FAILED)"],
    requests: 5,
    said: new RegExp(`Cannot list steps[^]*Bitbucket does not tell how {a}, {b} ended: ${SILENT}`),
  },
  {
    name: "takes the runner's word where Bitbucket does not know, and says so",
    served: [served("{a}", "FAILED")],
    steps: [known("{z}", "SUCCESSFUL")],
    failed: ["{a} (FAILED)"],
    requests: 1,
    said: new RegExp(`Bitbucket does not tell how {a} ended: ${SILENT}`),
  },
  {
    name: "takes the runner's word where Bitbucket is not asked at all",
    served: [served("{a}", "FAILED"), served("{b}", "PASSED")],
    steps: [known("{b}", "FAILED")],
    bitbucket: "never",
    failed: ["{a} (FAILED)"],
    requests: 0,
  },
  {
    name: "does not ask for the steps of nobody's pipeline",
    served: [served("{a}", "UNKNOWN", SOMEBODYS_PIPELINE)],
    failed: [],
    requests: 0,
  },
  {
    name: "asks once for each pipeline, for eight at most",
    served: Array.from({ length: 30 }, (_, index) => served(`{s-${index}}`, "PASSED", `{p-${index % 15}}`)),
    failed: [],
    requests: 8,
    said: new RegExp(SILENT),
  },
];

for (const { name, steps = [], noted = [], bitbucket = "asked", away = false, said, ...expected } of CASES) {
  Deno.test(`\`failedSteps()\` ${name}`, async () => {
    await using setup = await clientSetup();
    const { fake, host } = setup;
    fake.state.steps = [...steps];
    if (away) fake.plan({ route: "list steps", fault: { kind: "status", status: 503 }, times: 99 });
    const { settings } = startLifecycle({
      mode: "single-step",
      bitbucket,
      ownPipelineOnly: false,
      lingerMs: 0,
      pipelineUuid: OWN,
      shortestLookMs: 10_000,
      idleTimeoutMs: Infinity,
      handsOver: true,
    }, 0);
    const results = new StepResults();
    results.note(OWN, noted);
    const life = { settings, served: expected.served };
    assert.deepEqual(await failedSteps({ ...setup, signal: CALM }, life, results), expected.failed);
    assert.equal(fake.count("list steps"), expected.requests);
    const log = host.written.join("");
    if (said === undefined) assert.doesNotMatch(log, /word counts/);
    else assert.match(log, said);
  });
}

Deno.test("`failedSteps()` asks for the runner's own pipeline first", async () => {
  await using setup = await clientSetup();
  const paths: string[] = [];
  const bitbucket = {
    ...setup.bitbucket,
    listSteps: (uuid: string) => Promise.resolve(paths.push(uuid) > 0 ? [] : []),
  };
  const { settings } = startLifecycle({
    mode: "multi-step",
    bitbucket: "asked",
    ownPipelineOnly: false,
    lingerMs: 0,
    pipelineUuid: OWN,
    shortestLookMs: 10_000,
    idleTimeoutMs: Infinity,
    handsOver: true,
  }, 0);
  const life = { settings, served: [served("{a}", "PASSED", "{other}"), served("{b}", "PASSED")] };
  await failedSteps({ ...setup, bitbucket, signal: CALM }, life, new StepResults());
  assert.deepEqual(paths, [OWN, "{other}"]);
});
