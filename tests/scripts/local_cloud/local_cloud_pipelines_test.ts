import assert from "node:assert/strict";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import type { Pipeline } from "../../../scripts/local_cloud/pipelines/pipeline.ts";
import { findTool } from "../../fixtures/needing.ts";
import { bitbucketCaller, withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { withStandIn } from "../../fixtures/programs/stand_in_runner.ts";

const LABELS = ["self.hosted", "linux.shell"];

Deno.test("A cloud step really runs, with Bitbucket's default variables; the next one follows", async () => {
  await withLocalCloud({}, async (cloud) => {
    const pipeline = await play(cloud, [
      {
        name: "First",
        oidc: true,
        script: ['echo "$BITBUCKET_STEP_UUID"', '[ -n "$BITBUCKET_STEP_OIDC_TOKEN" ]'],
      },
      { script: ['echo "$BITBUCKET_WORKSPACE/$BITBUCKET_REPO_SLUG"', "[ $PWD = $BITBUCKET_CLONE_DIR ]"] },
    ]);
    assert.equal(pipeline.result, "SUCCESSFUL");
    const [first, second] = pipeline.items.flat();
    assert.ok(first?.output.includes(first.uuid));
    assert.ok(second?.output.includes("acme/demo"));
  });
});

Deno.test("After a failed step the later ones are NOT_RUN, and the pipeline is FAILED", async () => {
  await withLocalCloud({}, async (cloud) => {
    const pipeline = await play(cloud, [{ script: ["exit 3"] }, { script: ["echo no"] }]);
    assert.equal(pipeline.result, "FAILED");
    assert.deepEqual(results(cloud, pipeline), ["FAILED", "NOT_RUN"]);
  });
});

Deno.test("A rerun of failed steps keeps the pipeline and what has passed, and the others' UUIDs or not", async () => {
  for (const rerunSteps of ["keep", "new"] as const) {
    await withLocalCloud({ bitbucket: { rerunSteps } }, async (cloud) => {
      const pipeline = await play(cloud, [{ script: ["true"] }, { script: ["exit 3"] }]);
      const before = pipeline.items.flat().map(({ uuid }) => uuid);
      cloud.bitbucket.scheduler.rerunFailed(pipeline, {});
      await cloud.bitbucket.scheduler.ended(pipeline.uuid);
      assert.deepEqual(results(cloud, pipeline), ["SUCCESSFUL", "FAILED"]);
      assert.deepEqual(pipeline.items.flat().map(({ runNumber }) => runNumber), [1, 2]);
      const after = pipeline.items.flat().map(({ uuid }) => uuid);
      assert.deepEqual([after[0] === before[0], after[1] === before[1]], [true, rerunSteps === "keep"]);
    });
  }
});

Deno.test("A self-hosted step without any ONLINE runner that has all labels fails at once with ERROR", async () => {
  await withLocalCloud({}, async (cloud) => {
    await withStandIn(cloud, ["self.hosted"], async () => {
      const pipeline = await play(cloud, [{ "runs-on": LABELS, script: ["true"] }]);
      assert.deepEqual(results(cloud, pipeline), ["ERROR"]);
      assert.match(pipeline.items[0]?.[0]?.error?.message ?? "", /No runner is active/);
    });
  });
});

Deno.test("A self-hosted step runs on the matching runner, which the runner's state shows meanwhile", async () => {
  await withLocalCloud({}, async (cloud) => {
    await withStandIn(cloud, LABELS, async ({ runner, kill, status, output }) => {
      const pipeline = start(cloud, [{ "runs-on": LABELS, script: ["echo here", "read line < $FIFO"] }], {
        FIFO: "fifo",
      }, "mkfifo fifo");
      await cloud.happenings.until("step output", { where: ({ line }) => line === "here" });
      const path = `pipelines-config/runners/${encodeURIComponent(runner.uuid)}`;
      const step = pipeline.items[0]?.[0];
      const call = bitbucketCaller(cloud);
      assert.deepEqual((await call("GET", path)).body.state.step, {
        type: "PIPELINE_STEP",
        uuid: step?.uuid,
      });
      cloud.bitbucket.settings.showsStep = false;
      assert.equal((await call("GET", path)).body.state.step, undefined);
      cloud.bitbucket.settings.showsStep = true;
      await release(cloud);
      await cloud.bitbucket.scheduler.ended(pipeline.uuid);
      assert.equal(step?.result, "SUCCESSFUL");
      assert.equal(step?.runnerUuid, runner.uuid);
      assert.equal((await call("GET", path)).body.state.step, undefined);
      kill("SIGTERM");
      assert.equal((await status).code, 0);
      assertLines(await output, [
        /Runner version: 5\.6\.0$/,
        /Runner runtime: linux-shell$/,
        /Updating runner status to "ONLINE" and checking for new steps assigned to the runner after 0 seconds and then every 30 seconds\.$/,
        /Updating runner state to "ONLINE"\.$/,
        /Getting step StepId\{accountUuid=\{[0-9a-f-]+\}, repositoryUuid=\{[0-9a-f-]+\}, pipelineUuid=\{[0-9a-f-]+\}, stepUuid=\{[0-9a-f-]+\}\}\.$/,
        /Completing step with result Result\{status=PASSED, error=None\}\.$/,
        /Updating runner state to "OFFLINE"\.$/,
        /Shutdown completed$/,
      ]);
      assert.equal(cloud.bitbucket.runners.statusOf(runner), "OFFLINE");
    });
  });
});

Deno.test("A second step waits for the runner that is busy, and then runs on it", async () => {
  await withLocalCloud({}, async (cloud) => {
    await withStandIn(cloud, LABELS, async ({ runner }) => {
      const first = start(cloud, [{ "runs-on": LABELS, script: ["echo here", "read line < $FIFO"] }], {
        FIFO: "fifo",
      }, "mkfifo fifo");
      await cloud.happenings.until("step output", { where: ({ line }) => line === "here" });
      const second = start(cloud, [{ "runs-on": LABELS, script: ["echo second"] }]);
      await cloud.happenings.until("step queued", {
        where: ({ pipelineUuid }) => pipelineUuid === second.uuid,
      });
      assert.equal(cloud.bitbucket.queuedSteps.length, 1);
      await release(cloud);
      await cloud.bitbucket.scheduler.ended(first.uuid);
      await cloud.bitbucket.scheduler.ended(second.uuid);
      assert.equal(second.items[0]?.[0]?.runnerUuid, runner.uuid);
      assert.equal(second.result, "SUCCESSFUL");
    });
  });
});

Deno.test("A runner that is closed gets no step", async () => {
  await withLocalCloud({}, async (cloud) => {
    await withStandIn(cloud, LABELS, async ({ runner }) => {
      cloud.bitbucket.runners.setDisabled(runner, true);
      assert.equal((await play(cloud, [{ "runs-on": LABELS, script: ["true"] }])).result, "ERROR");
      cloud.bitbucket.runners.setDisabled(runner, false);
      assert.equal((await play(cloud, [{ "runs-on": LABELS, script: ["true"] }])).result, "SUCCESSFUL");
    });
  });
});

const LOSSES: [
  string,
  (cloud: LocalCloud, runnerUuid: string, kill: (signal: Deno.Signal) => void) => void,
][] = [
  ["is killed", (_cloud, _uuid, kill) => kill("SIGKILL")],
  ["is ended by SIGTERM", (_cloud, _uuid, kill) => kill("SIGTERM")],
  ["is deleted in Bitbucket", (cloud, uuid) => {
    const runner = cloud.bitbucket.runners.get(uuid);
    if (runner !== undefined) cloud.bitbucket.runners.remove(runner);
  }],
];

for (const [what, lose] of LOSSES) {
  Deno.test(`A step whose runner ${what} ends in ERROR, and counts as cancelled`, async () => {
    await withLocalCloud({ bitbucket: { heartbeatMs: 50, offlineAfterMs: 500 } }, async (cloud) => {
      await withStandIn(cloud, LABELS, async ({ runner, kill }) => {
        const pipeline = start(cloud, [{ "runs-on": LABELS, script: ["echo here", "sleep 300"] }]);
        await cloud.happenings.until("step output", { where: ({ line }) => line === "here" });
        lose(cloud, runner.uuid, kill);
        await cloud.bitbucket.scheduler.ended(pipeline.uuid);
        assert.equal(pipeline.result, "ERROR");
        assert.deepEqual(cloud.bitbucket.cancelledSteps, pipeline.items.flat());
      });
    });
  });
}

Deno.test("A stopped pipeline ends its running step on the runner, which stays online and idle", async () => {
  await withLocalCloud({}, async (cloud) => {
    await withStandIn(cloud, LABELS, async ({ runner }) => {
      const pipeline = start(cloud, [{ "runs-on": LABELS, script: ["echo here", "sleep 300"] }, {
        script: ["true"],
      }]);
      await cloud.happenings.until("step output", { where: ({ line }) => line === "here" });
      const call = bitbucketCaller(cloud, `Basic ${btoa("dev@example.com:local-cloud-api-token")}`);
      const path = `pipelines/${encodeURIComponent(pipeline.uuid)}`;
      assert.equal((await call("POST", `${path}/stopPipeline`)).status, 204);
      await cloud.bitbucket.scheduler.ended(pipeline.uuid);
      assert.deepEqual((await call("GET", path)).body.state, {
        name: "COMPLETED",
        type: "pipeline_state_completed",
        result: { name: "STOPPED", type: "pipeline_state_completed_stopped" },
      });
      assert.deepEqual(results(cloud, pipeline), ["STOPPED", "NOT_RUN"]);
      assert.equal((await call("POST", `${path}/stopPipeline`)).status, 400);
      assert.equal((await play(cloud, [{ "runs-on": LABELS, script: ["true"] }])).result, "SUCCESSFUL");
      assert.equal(cloud.bitbucket.runners.statusOf(runner), "ONLINE");
      assert.deepEqual(cloud.bitbucket.cancelledSteps, []);
    });
  });
});

Deno.test("A self-hosted step that takes longer than its max-time fails, and its runner goes on", async () => {
  await withLocalCloud({ bitbucket: { minuteMs: 700 } }, async (cloud) => {
    await withStandIn(cloud, LABELS, async ({ runner }) => {
      const pipeline = await play(cloud, [{ "runs-on": LABELS, "max-time": 1, script: ["sleep 300"] }]);
      assert.equal(pipeline.result, "FAILED");
      assert.equal(pipeline.items[0]?.[0]?.error?.key, "exceeded-time-limit");
      assert.equal((await play(cloud, [{ "runs-on": LABELS, script: ["true"] }])).result, "SUCCESSFUL");
      assert.equal(cloud.bitbucket.runners.statusOf(runner), "ONLINE");
    });
  });
});

Deno.test("A self-hosted step runs in bash where there is one, as a cloud step does", async () => {
  await withLocalCloud({}, async (cloud) => {
    await withStandIn(cloud, LABELS, async () => {
      const script = ['[[ "$BASH_VERSION" ]] && echo in bash || echo in sh'];
      const pipeline = await play(cloud, [{ script }, { "runs-on": LABELS, script }]);
      const words = pipeline.items.flat().map(({ output }) =>
        output.filter((line) => line.startsWith("in "))
      );
      const expected = findTool("bash") === undefined ? ["in sh"] : ["in bash"];
      assert.deepEqual(words, [expected, expected]);
    });
  });
});

Deno.test("A pipeline file with a typing error is refused with its place", async () => {
  await withLocalCloud({}, (cloud) => {
    assert.throws(
      () => cloud.bitbucket.startPipeline("pipelines:\n  default:\n    - step: { scirpt: [x] }\n"),
      {
        message: /^Cannot run pipeline: line 3, column 15: .*script/,
      },
    );
    return Promise.resolve();
  });
});

Deno.test("A manual step waits, and the pipeline's and the step's state say so", async () => {
  await withLocalCloud({}, async (cloud) => {
    const pipeline = start(cloud, [{ script: ["true"] }, { trigger: "manual", script: ["true"] }]);
    await cloud.happenings.until("step queued");
    const call = bitbucketCaller(cloud);
    const path = `pipelines/${encodeURIComponent(pipeline.uuid)}`;
    assert.deepEqual((await call("GET", path)).body.state.stage.name, "PAUSED");
    const steps = (await call("GET", `${path}/steps/`)).body.values;
    assert.deepEqual(steps[1].state, {
      name: "PENDING",
      type: "pipeline_step_state_pending",
      stage: { name: "PAUSED", type: "pipeline_step_state_pending_paused" },
    });
    assert.equal(steps[1].trigger.type, "pipeline_step_trigger_manual");
    cloud.bitbucket.scheduler.resume(steps[1].uuid);
    await cloud.bitbucket.scheduler.ended(pipeline.uuid);
    assert.equal(pipeline.result, "SUCCESSFUL");
  });
});

Deno.test("Parallel steps run side by side", async () => {
  await withLocalCloud({}, async (cloud) => {
    const both = new Set<string>();
    const met = Promise.withResolvers<number>();
    const pipeline = cloud.bitbucket.startPipeline(
      "pipelines: { default: [{ parallel: [{ step: { name: a, script: [x] } }, { step: { name: b, script: [x] } }] }] }",
      {
        runCloudStep: ({ name }) => {
          both.add(name);
          if (both.size === 2) met.resolve(0);
          return met.promise;
        },
      },
    );
    await cloud.bitbucket.scheduler.ended(pipeline.uuid);
    assert.equal(pipeline.result, "SUCCESSFUL");
  });
});

Deno.test("Pipelines are listed newest first and filtered by Bitbucket's own status words", async () => {
  await withLocalCloud({}, async (cloud) => {
    const passed = await play(cloud, [{ script: ["true"] }]);
    const failed = await play(cloud, [{ script: ["false"] }]);
    const call = bitbucketCaller(cloud);
    const uuids = async (query: string) =>
      (await call("GET", `pipelines/?${query}`)).body.values.map(({ uuid }: { uuid: string }) => uuid);
    assert.deepEqual(await uuids("sort=-created_on"), [failed.uuid, passed.uuid]);
    assert.deepEqual(await uuids("status=PASSED"), [passed.uuid]);
    assert.equal((await call("GET", "pipelines/2")).body.uuid, failed.uuid);
  });
});

type StepYaml = Record<string, unknown>;

function start(
  cloud: LocalCloud,
  steps: StepYaml[],
  variables: Record<string, string> = {},
  setUp?: string,
): Pipeline {
  const prepared = setUp === undefined ? steps : steps.map((step) => ({
    ...step,
    script: [setUp, 'echo "fifo $PWD/fifo"', ...step["script"] as string[]],
  }));
  const yaml = JSON.stringify({ pipelines: { default: prepared.map((step) => ({ step })) } });
  return cloud.bitbucket.startPipeline(yaml, { variables });
}

async function play(cloud: LocalCloud, steps: StepYaml[]): Promise<Pipeline> {
  const pipeline = start(cloud, steps);
  await cloud.bitbucket.scheduler.ended(pipeline.uuid);
  return pipeline;
}

/** Lets the step that waits at its FIFO go on. */
async function release(cloud: LocalCloud): Promise<void> {
  const { line } = await cloud.happenings.until("step output", {
    where: ({ line }) => line.startsWith("fifo "),
  });
  await Deno.writeTextFile(line.slice("fifo ".length), "go\n");
}

function results(cloud: LocalCloud, pipeline: Pipeline): (string | undefined)[] {
  return cloud.bitbucket.results(pipeline).map(({ result }) => result);
}

function assertLines(output: string, patterns: RegExp[]): void {
  const lines = output.trimEnd().split("\n");
  assert.equal(lines.length, patterns.length, output);
  lines.forEach((line, index) => {
    assert.match(line, /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] /);
    assert.match(line, patterns[index] ?? /^$/);
  });
}
