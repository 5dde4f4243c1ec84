import assert from "node:assert/strict";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { bitbucketCaller, withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { withStandIn } from "../../fixtures/programs/stand_in_runner.ts";

const RUNNERS = "pipelines-config/runners";
const LABELS = ["self.hosted", "linux.shell"];

const FORMS = [
  { form: "public", publicServes: true, stateServes: false },
  { form: "state", publicServes: false, stateServes: true },
  { form: "both", publicServes: true, stateServes: true },
  { form: "none", publicServes: false, stateServes: false },
] as const;

for (const { form, publicServes, stateServes } of FORMS) {
  for (const [does, status] of [["closes", "DISABLED"], ["opens", "ENABLED"]] as const) {
    Deno.test(`With the form «${form}», only that request ${does} a runner`, async () => {
      const forms = does === "closes" ? { closeForm: form } : { reopenForm: form };
      await withLocalCloud({ bitbucket: forms }, async (cloud) => {
        const path = await createRunner(cloud);
        const before = does === "closes" ? "UNREGISTERED" : "DISABLED";
        const after = does === "closes" ? "DISABLED" : "UNREGISTERED";
        const reset = () => runnerAt(cloud, path, (runner) => runner.disabled = does === "opens");
        reset();
        assert.equal((await putRunner(cloud, path, status)).status, 200);
        assert.equal(await statusAt(cloud, path), publicServes ? after : before);
        reset();
        assert.equal((await putState(cloud, path, status)).status, stateServes ? 200 : 404);
        assert.equal(await statusAt(cloud, path), stateServes ? after : before);
      });
    });
  }
}

Deno.test("A cordoned runner keeps its status and gets no step", async () => {
  await withLocalCloud({ bitbucket: { closedShows: "cordoned" } }, async (cloud) => {
    await withStandIn(cloud, LABELS, async ({ runner }) => {
      const path = `${RUNNERS}/${encodeURIComponent(runner.uuid)}`;
      await putRunner(cloud, path, "DISABLED");
      const { status, cordoned } = (await bitbucketCaller(cloud)("GET", path)).body.state;
      assert.deepEqual({ status, cordoned }, { status: "ONLINE", cordoned: true });
      const pipeline = startStep(cloud, "true");
      await cloud.bitbucket.scheduler.ended(pipeline.uuid);
      assert.equal(pipeline.result, "ERROR");
      await putRunner(cloud, path, "ENABLED");
      assert.equal((await bitbucketCaller(cloud)("GET", path)).body.state.cordoned, false);
    });
  });
});

Deno.test("A reopened runner shows ENABLED until its next report", async () => {
  const bitbucket = { reopenedShows: "ENABLED", heartbeatMs: 300 } as const;
  await withLocalCloud({ bitbucket }, async (cloud) => {
    await withStandIn(cloud, LABELS, async ({ runner }) => {
      const path = `${RUNNERS}/${encodeURIComponent(runner.uuid)}`;
      await putRunner(cloud, path, "DISABLED");
      assert.equal((await putRunner(cloud, path, "ENABLED")).body.state.status, "ENABLED");
      await eventually("it is ONLINE", async () => await statusAt(cloud, path) === "ONLINE" || undefined);
    });
  });
});

Deno.test("A closed runner may hide the step that it runs", async () => {
  await withBusyRunner({}, async (cloud, path) => {
    await putRunner(cloud, path, "DISABLED");
    assert.notEqual(await stepAt(cloud, path), undefined);
    cloud.bitbucket.settings.disabledHidesStep = true;
    assert.equal(await stepAt(cloud, path), undefined);
  });
});

Deno.test("A step may show in its runner's state with a delay", async () => {
  await withBusyRunner({ stepShownAfterMs: 60_000 }, async (cloud, path) => {
    assert.equal(await stepAt(cloud, path), undefined);
    cloud.bitbucket.settings.stepShownAfterMs = 1;
    assert.notEqual(await stepAt(cloud, path), undefined);
  });
});

Deno.test("A platform that refuses to delete a busy runner answers 409, and its step goes on", async () => {
  await withBusyRunner({ deleteBusy: "refuse" }, async (cloud, path) => {
    assert.equal((await bitbucketCaller(cloud)("DELETE", path)).status, 409);
    assert.notEqual(await stepAt(cloud, path), undefined);
    assert.deepEqual(cloud.bitbucket.cancelledSteps, []);
  });
});

Deno.test("A busy runner that is deleted takes its step along", async () => {
  await withBusyRunner({}, async (cloud, path) => {
    assert.equal((await bitbucketCaller(cloud)("DELETE", path)).status, 204);
    const { result } = await cloud.happenings.until("step ended");
    assert.equal(result, "ERROR");
  });
});

async function withBusyRunner(
  bitbucket: { readonly stepShownAfterMs?: number; readonly deleteBusy?: "refuse" },
  body: (cloud: LocalCloud, path: string) => Promise<void>,
): Promise<void> {
  await withLocalCloud({ bitbucket }, async (cloud) => {
    await withStandIn(cloud, LABELS, async ({ runner }) => {
      startStep(cloud, "echo here; sleep 300");
      await cloud.happenings.until("step output", { where: ({ line }) => line === "here" });
      await body(cloud, `${RUNNERS}/${encodeURIComponent(runner.uuid)}`);
    });
  });
}

function startStep(cloud: LocalCloud, command: string) {
  const step = { "runs-on": LABELS, script: [command] };
  return cloud.bitbucket.startPipeline(JSON.stringify({ pipelines: { default: [{ step }] } }));
}

async function createRunner(cloud: LocalCloud): Promise<string> {
  const { uuid } = (await bitbucketCaller(cloud)("POST", RUNNERS, { name: "n", labels: LABELS })).body;
  return `${RUNNERS}/${encodeURIComponent(uuid)}`;
}

function runnerAt(
  cloud: LocalCloud,
  path: string,
  change: (runner: { disabled: boolean }) => void,
): void {
  const runner = cloud.bitbucket.runners.get(decodeURIComponent(path.slice(RUNNERS.length + 1)));
  assert.ok(runner);
  change(runner);
}

function putRunner(cloud: LocalCloud, path: string, status: string) {
  return bitbucketCaller(cloud)("PUT", path, { name: "n", labels: LABELS, state: { status } });
}

function putState(cloud: LocalCloud, path: string, status: string) {
  return bitbucketCaller(cloud)("PUT", `/internal/repositories/acme/demo/${path}/state`, { status });
}

async function statusAt(cloud: LocalCloud, path: string): Promise<string> {
  return (await bitbucketCaller(cloud)("GET", path)).body.state.status;
}

async function stepAt(cloud: LocalCloud, path: string): Promise<unknown> {
  return (await bitbucketCaller(cloud)("GET", path)).body.state.step;
}
