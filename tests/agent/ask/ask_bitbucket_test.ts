import assert from "node:assert/strict";
import { startLifecycle } from "../../../agent/life/lifecycle.ts";
import type { Lifecycle, LifecycleEvent } from "../../../agent/life/lifecycle_state.ts";
import { askBitbucket, type AskedRunner } from "../../../agent/ask/ask_bitbucket.ts";
import { type ClientSetup, clientSetup } from "../../fixtures/bitbucket_client_setup.ts";

const OWN = "{own}";
const LIFE: Lifecycle = startLifecycle({
  mode: "single-step",
  bitbucket: "asked",
  ownPipelineOnly: false,
  lingerMs: 0,
  pipelineUuid: OWN,
  shortestLookMs: 10_000,
  idleTimeoutMs: Infinity,
  handsOver: true,
}, 0);
const CALM = new AbortController().signal;

function step(uuid: string, name: string, runner?: string) {
  return { uuid, state: { name }, ...(runner === undefined ? {} : { runner: { uuid: runner } }) };
}

/** Asks for the step that a runner may have at work. */
async function ownStep(setup: ClientSetup, stepUuid?: string): Promise<LifecycleEvent> {
  const { bitbucket, log } = setup;
  const runner = { uuid: "{r}", bitbucket, launcherStep: "{launcher}" } as AskedRunner;
  return await askBitbucket({ log, runner }, LIFE, { type: "look at own steps", stepUuid }, CALM);
}

interface Case {
  readonly name: string;
  readonly steps: ReturnType<typeof step>[];
  readonly pipelines?: string[];
  readonly shown?: string;
  readonly found: string | undefined;
  readonly sure: boolean;
  readonly requests: number;
}

const LAUNCHER = step("{launcher}", "IN_PROGRESS");
const CASES: readonly Case[] = [
  {
    name: "is the one Bitbucket shows on the runner",
    steps: [LAUNCHER, step("{a}", "IN_PROGRESS"), step("{b}", "IN_PROGRESS")],
    shown: "{b}",
    found: "{b}",
    sure: true,
    requests: 1,
  },
  {
    name: "is none of ours where Bitbucket shows another pipeline's on the runner",
    steps: [LAUNCHER, step("{a}", "IN_PROGRESS")],
    shown: "{elsewhere}",
    found: undefined,
    sure: true,
    requests: 1,
  },
  {
    name: "is the one that names the runner",
    steps: [step("{a}", "IN_PROGRESS", "{other}"), step("{b}", "IN_PROGRESS", "{r}")],
    found: "{b}",
    sure: true,
    requests: 1,
  },
  {
    name: "is the only one in progress in the whole repository",
    steps: [step("{launcher}", "COMPLETED"), step("{a}", "IN_PROGRESS"), step("{b}", "PENDING")],
    pipelines: [OWN],
    found: "{a}",
    sure: true,
    requests: 2,
  },
  {
    name: "can only be guessed where another pipeline runs",
    steps: [LAUNCHER, step("{a}", "IN_PROGRESS")],
    pipelines: [OWN, "{other}"],
    found: "{a}",
    sure: false,
    requests: 2,
  },
  {
    name: "can only be guessed among parallel ones",
    steps: [LAUNCHER, step("{a}", "IN_PROGRESS"), step("{b}", "IN_PROGRESS")],
    pipelines: [OWN],
    found: "{a}",
    sure: false,
    requests: 2,
  },
  {
    name: "is not the one that started the build",
    steps: [LAUNCHER, step("{a}", "PENDING")],
    found: undefined,
    sure: false,
    requests: 1,
  },
];

for (const { name, steps, pipelines = [], shown, found, sure, requests } of CASES) {
  Deno.test(`the step at work ${name}`, async () => {
    await using setup = await clientSetup();
    setup.fake.state.steps = steps;
    setup.fake.state.pipelines = pipelines.map((uuid) => ({ uuid, state: { name: "IN_PROGRESS" } }));
    const expected = found === undefined ? undefined : { pipelineUuid: OWN, stepUuid: found };
    assert.deepEqual(await ownStep(setup, shown), { type: "own steps seen", step: expected, sure });
    assert.equal(setup.fake.count("list steps") + setup.fake.count("list pipelines"), requests);
  });
}

Deno.test("a closed runner with a step is seen as such, and one that is not there as undefined", async () => {
  await using setup = await clientSetup();
  const { bitbucket, log, fake } = setup;
  const known = fake.state.addRunner({ name: "r" });
  known.state = { ...known.state, status: "DISABLED", step: { uuid: "{s}" } };
  const look = async (uuid: string) => {
    const runner = { uuid, bitbucket } as AskedRunner;
    return await askBitbucket({ log, runner }, LIFE, { type: "look at runner" }, CALM);
  };
  const view = { closed: true, busy: true, stepUuid: "{s}" };
  assert.deepEqual(await look(known.uuid), { type: "runner seen", runner: view });
  assert.deepEqual(await look("{gone}"), { type: "runner seen", runner: undefined });
});

Deno.test("a pipeline that has failed is seen with the number of its run, and a step that is over with its result", async () => {
  await using setup = await clientSetup();
  const { bitbucket, log, fake } = setup;
  const result = { name: "FAILED" };
  fake.state.pipelines = [{ uuid: OWN, run_number: 2, state: { name: "COMPLETED", result } }];
  fake.state.steps = [{ uuid: "{a}", state: { name: "COMPLETED", result } }, step("{b}", "IN_PROGRESS")];
  const ask = (action: Parameters<typeof askBitbucket>[2]) =>
    askBitbucket({ log, runner: { uuid: "{r}", bitbucket } as AskedRunner }, LIFE, action, CALM);
  const over = { type: "pipeline seen", over: "ended", failedRun: 2, stretch: 1 };
  assert.deepEqual(await ask({ type: "look at pipeline" }), over);
  const look = (stepUuid: string) => ask({ type: "look at step", step: { pipelineUuid: OWN, stepUuid } });
  assert.deepEqual(await look("{a}"), { type: "step seen", completed: true, result: "FAILED" });
  assert.deepEqual(await look("{b}"), { type: "step seen", completed: false });
});
