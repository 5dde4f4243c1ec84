import assert from "node:assert/strict";
import type { BitbucketSettings } from "../../scripts/local_cloud/pipelines/bitbucket_settings.ts";
import type { LocalCloud } from "../../scripts/local_cloud/start_local_cloud.ts";
import { leftoversOf } from "../../scripts/local_cloud/leftovers.ts";
import { buildsOf, flowEnded } from "../../scripts/soak/flow.ts";
import { flowLog } from "../../scripts/soak/flow_log.ts";
import { needing } from "../fixtures/needing.ts";
import { type FlowWorld, NEEDED_TOOLS, withFlowWorld } from "./flow_world.ts";

type Platform = Partial<BitbucketSettings>;

/** What runners say, and whether Bitbucket shows what they do. */
const MUTE: readonly [name: string, platform: Platform][] = [
  ["says nothing", { runnerWords: "mute" }],
  ["says nothing, nor does Bitbucket show what it does", { runnerWords: "mute", showsStep: false }],
  ["says other words", { runnerWords: "other" }],
  ["says other words, to a file alone, and its step is hidden once it is closed", {
    runnerWords: "other",
    runnerLogsTo: "file",
    disabledHidesStep: true,
  }],
];

for (const [name, platform] of MUTE) {
  test(
    `a single-step runner that ${name} is closed while its step runs, and gone after it`,
    platform,
    async (world) => {
      const { cloud, start } = world;
      const pipeline = start({ steps: ["sleep 6"], closing: "sleep 1" });
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(pipeline.result, "SUCCESSFUL", log);
      assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["SUCCEEDED"], log);
      assert.ok(at(cloud, "runner closed") < at(cloud, "step ended", "Step 1"), log);
      assert.match(log, /What the runner \(.*\) writes about its steps is not understood/);
      assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
      assert.deepEqual(leftoversOf(cloud), [], log);
    },
  );
}

const UNDERSTOOD: readonly [name: string, platform: Platform][] = [
  ["a file of its own alone", { runnerLogsTo: "file" }],
  ["stdout alone", { runnerLogsTo: "stdout" }],
  ["a file that is rotated", { runnerLogsTo: "file", rotatesLogAt: 300 }],
  ["other spacing, and other words for a step's end", { runnerSpacing: "odd" }],
];

for (const [name, platform] of UNDERSTOOD) {
  test(`a runner that writes to ${name} is understood`, platform, async ({ cloud, start }) => {
    const pipeline = start({ steps: ["sleep 3", "sleep 3"], multiStep: true });
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.equal(pipeline.result, "SUCCESSFUL", log);
    assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["SUCCEEDED"], log);
    assert.doesNotMatch(log, /is not understood/);
    assert.equal(log.match(/Step \{.*\} ended: (PASSED|SUCCESSFUL)$/gm)?.length, 2, log);
    assert.deepEqual(leftoversOf(cloud), [], log);
  });
}

test("a multi-step runner that says nothing serves all steps, and leaves when the pipeline is over", {
  runnerWords: "mute",
}, async ({ cloud, start }) => {
  const pipeline = start({ steps: ["sleep 3", "sleep 3"], multiStep: true });
  await flowEnded(cloud, pipeline);
  const log = flowLog(cloud, pipeline);
  assert.equal(pipeline.result, "SUCCESSFUL", log);
  assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
  assert.deepEqual(leftoversOf(cloud), [], log);
});

/** The runner's own file, which a step of a shell runner can write to. */
const OWN_FILE = '"$BITBUCKET_CLONE_DIR/../runner.log"';
const FORGED =
  `echo "[2026-11-21 04:00:00,123] Completing step with result Result{status=PASSED, error=None}." >> ${OWN_FILE}`;

test(
  "a step that calls itself passed in the runner's log does not make a failed build green",
  {},
  async (world) => {
    const { cloud, start } = world;
    const pipeline = start({ steps: [`${FORGED}; sleep 2; exit 1`] });
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.equal(pipeline.result, "FAILED", log);
    assert.match(log, /Step \{.*\} ended: PASSED/);
    assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["FAILED"], log);
    assert.deepEqual(leftoversOf(cloud), [], log);
  },
);

test(
  "a step that floods the runner's log fills neither the build's log nor the agent's time",
  {},
  async (world) => {
    const { cloud, start } = world;
    const flood = `yes "[2026-11-21 04:00:00,123] Downloading something large." | head -c 150000000`;
    const pipeline = start({ steps: [`${flood} >> ${OWN_FILE}; yes | head -c 50000000 >> ${OWN_FILE}`] });
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.equal(pipeline.result, "SUCCESSFUL", log.slice(-5_000));
    assert.ok(log.length < 8_000_000, `${log.length}`);
    assert.match(log, /The runner writes more than this log takes/);
    assert.match(log, /\d MB of the runner's output were left out of this log/);
    assert.deepEqual(leftoversOf(cloud), [], log.slice(-5_000));
  },
);

test("what a step leaves running is named, and ended before the next step", {}, async ({ cloud, start }) => {
  const steps = ["setsid sleep 8661 >/dev/null 2>&1 & echo left=$!", "sleep 6"];
  const pipeline = start({ steps, multiStep: true, closing: "sleep 1" });
  await flowEnded(cloud, pipeline);
  const log = flowLog(cloud, pipeline);
  assert.equal(pipeline.result, "SUCCESSFUL", log);
  assert.match(log, /warning: Ending what step \{.*\} has left running: \d+ \(sleep\)/);
  const pid = /left=(\d+)/.exec(pipeline.items[1]?.[0]?.output.join() ?? "")?.[1];
  assert.ok(pid !== undefined && log.includes(`: ${pid} (sleep)`), log);
  assert.equal(await Deno.stat(`/proc/${pid}`).then(() => "it runs", () => "it is gone"), "it is gone");
  assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
});

test("a step whose result takes its time is not lost", { resultDelayMs: 3_000 }, async ({ cloud, start }) => {
  const pipeline = start({ steps: ["sleep 1"], closing: "true" });
  await flowEnded(cloud, pipeline);
  const log = flowLog(cloud, pipeline);
  assert.equal(pipeline.result, "SUCCESSFUL", log);
  assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
  assert.deepEqual(leftoversOf(cloud), [], log);
});

test("a step whose result takes its time is not lost where Bitbucket hides it", {
  resultDelayMs: 3_000,
  showsStep: false,
}, async ({ cloud, start }) => {
  const pipeline = start({ steps: ["sleep 1"], closing: "true" });
  await flowEnded(cloud, pipeline);
  const log = flowLog(cloud, pipeline);
  assert.equal(pipeline.result, "SUCCESSFUL", log);
  assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
  assert.deepEqual(leftoversOf(cloud), [], log);
});

/** When something happened first, in the cloud's order. */
function at({ happenings }: LocalCloud, type: string, step?: string): number {
  const index = happenings.all.findIndex((event) =>
    event.type === type && (step === undefined || (event as { step?: string }).step === step)
  );
  return index === -1 ? Infinity : index;
}

function test(name: string, bitbucket: Platform, body: (world: FlowWorld) => Promise<void>): void {
  Deno.test({ ...needing(NEEDED_TOOLS, name), fn: () => withFlowWorld({ bitbucket }, body) });
}
