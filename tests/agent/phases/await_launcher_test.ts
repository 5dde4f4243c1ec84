import assert from "node:assert/strict";
import { awaitLauncher } from "../../../agent/phases/await_launcher.ts";
import { startLifecycle } from "../../../agent/life/lifecycle.ts";
import type { LifecycleSettings, ServedStep } from "../../../agent/life/lifecycle_state.ts";
import { clientSetup } from "../../fixtures/bitbucket_client_setup.ts";

const OWN = "{44444444-4444-4444-8444-444444444444}";
const OTHER = "{66666666-6666-4666-8666-666666666666}";
const LAUNCHER = "{55555555-5555-4555-8555-555555555555}";

function servedFor(pipelineUuid: string): ServedStep {
  return { pipelineUuid, stepUuid: "{77777777-7777-4777-8777-777777777777}", result: "PASSED" };
}

function life(served: readonly ServedStep[], bitbucket: LifecycleSettings["bitbucket"] = "asked") {
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
  return { served, settings };
}

interface Case {
  readonly name: string;
  readonly served: readonly ServedStep[];
  /** At which look the launcher's step is over. */
  readonly overAt: number;
  readonly looks: number;
}

const CASES: readonly Case[] = [
  { name: "is done at once after a step of its own pipeline", served: [servedFor(OWN)], overAt: 1, looks: 0 },
  { name: "is done at once when no step was served", served: [], overAt: 1, looks: 0 },
  { name: "looks once when start-runner is through", served: [servedFor(OTHER)], overAt: 1, looks: 1 },
  {
    name: "waits while start-runner does not know that its runner was online",
    served: [servedFor(OTHER)],
    overAt: 4,
    looks: 4,
  },
  { name: "gives up after half a minute", served: [servedFor(OTHER)], overAt: Infinity, looks: 19 },
];

for (const { name, served, overAt, looks } of CASES) {
  Deno.test(`\`awaitLauncher()\` ${name}`, async () => {
    await using setup = await clientSetup();
    const { fake } = setup;
    fake.state.steps.push({ uuid: LAUNCHER, state: { name: "IN_PROGRESS" } });
    fake.beforeAnswer = (route) => {
      if (route !== "list steps" || fake.count(route) < overAt) return;
      fake.state.steps = [{ uuid: LAUNCHER, state: { name: "COMPLETED", result: { name: "SUCCESSFUL" } } }];
    };
    const config = { launcherStep: LAUNCHER, pipelineUuid: OWN };
    await awaitLauncher({ ...setup, config, signal: new AbortController().signal }, life(served), 0);
    assert.equal(fake.count("list steps"), looks);
  });
}

Deno.test("`awaitLauncher()` does not mind that Bitbucket cannot be asked", async () => {
  await using setup = await clientSetup();
  setup.fake.plan({ route: "list steps", fault: { kind: "status", status: 500 }, times: 99 });
  const config = { launcherStep: LAUNCHER, pipelineUuid: OWN };
  const wait = { ...setup, config, signal: new AbortController().signal };
  await awaitLauncher(wait, life([servedFor(OTHER)]), 0);
  assert.match(setup.host.written.join(""), /Cannot list steps/);
});

Deno.test("`awaitLauncher()` waits for half a minute since the phase began where Bitbucket is not asked", async () => {
  await using setup = await clientSetup();
  const { fake, host } = setup;
  const config = { launcherStep: LAUNCHER, pipelineUuid: OWN };
  const wait = { ...setup, config, signal: new AbortController().signal };
  const begun = host.monotonicMs();
  await host.sleep(5_000);
  await awaitLauncher(wait, life([servedFor(OWN)], "never"), begun);
  assert.deepEqual(host.sleeps, [5_000]);
  await awaitLauncher(wait, life([servedFor(OTHER)], "never"), begun);
  assert.ok(host.monotonicMs() >= begun + 35_000);
  assert.equal(fake.requests.length, 0);
});
