import assert from "node:assert/strict";
import { leftoversOf } from "../../../scripts/local_cloud/leftovers.ts";
import type { PlatformAnswers } from "../../../scripts/local_cloud/pipelines/platform_answers.ts";
import { type Pipeline, stepsOf } from "../../../scripts/local_cloud/pipelines/pipeline.ts";
import { stepVariables } from "../../../scripts/local_cloud/step_variables.ts";
import { buildsOf, flowEnded, QUICK } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { needing } from "../../fixtures/needing.ts";
import { signalProgram } from "../../../scripts/soak/program_processes.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { type FlowWorld, NEEDED_TOOLS, withFlowWorld } from "../flow_world.ts";

const LINGER = { RUNNER_LINGER: "5" };

/** A command that fails as often as a file there says. */
async function failing(folder: string, times: number, seconds = 0.3): Promise<string> {
  const file = `${folder}/failures`;
  await Deno.writeTextFile(file, String(times));
  return `left=$(cat ${file}); echo $((left - 1)) > ${file}; sleep ${seconds}; [ "$left" -le 0 ]`;
}

/** Waits until the runner of a failed pipeline stays for a rerun, for the nth time. */
async function stays({ cloud }: FlowWorld, pipeline: Pipeline, times = 1): Promise<void> {
  await cloud.bitbucket.scheduler.ended(pipeline.uuid);
  assert.equal(pipeline.result, "FAILED", flowLog(cloud, pipeline));
  await eventually("the runner stays", () => {
    const said = flowLog(cloud, pipeline).match(
      /Staying 5 min for a rerun: .* labels self\.hosted, linux\.shell/g,
    );
    return said?.length === times || undefined;
  });
}

function rerun({ cloud, bin }: FlowWorld, pipeline: Pipeline): void {
  const variables = { ...stepVariables(cloud, bin), ...QUICK };
  cloud.bitbucket.scheduler.rerunFailed(pipeline, { variables });
}

function assertEven({ cloud }: FlowWorld, pipelines: readonly Pipeline[]): void {
  const log = pipelines.map((pipeline) => flowLog(cloud, pipeline)).join("\n");
  for (const pipeline of pipelines) {
    assert.equal(pipeline.result, "SUCCESSFUL", log);
    assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["SUCCEEDED"], log);
  }
  assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
  assert.deepEqual(leftoversOf(cloud), [], log);
}

interface Case {
  readonly name: string;
  readonly bitbucket?: Partial<PlatformAnswers>;
  readonly multiStep?: true;
  /** How long the step takes, in seconds: by what it has running alone a runner's step is not noticed at once. */
  readonly seconds?: number;
  /** Bitbucket requests in all. */
  readonly most: number;
}

const CASES: readonly Case[] = [
  { name: "a single-step runner that lingers", most: 18 },
  { name: "a multi-step runner that lingers", multiStep: true, most: 18 },
  { name: "one whose step Bitbucket does not show", bitbucket: { showsStep: false }, most: 20 },
  { name: "one whose words are not understood", bitbucket: { runnerWords: "other" }, seconds: 2, most: 30 },
  { name: "one for whose rerun Bitbucket makes a new step", bitbucket: { rerunSteps: "new" }, most: 18 },
];

for (const { name, bitbucket = {}, multiStep = false, seconds = 0.3, most } of CASES) {
  test(`A step that fails twice is run again on ${name}, and the build is a good one`, async (folder) => {
    await withFlowWorld({ bitbucket }, async (world) => {
      const { cloud, start } = world;
      const pipeline = start({ steps: [await failing(folder, 2, seconds)], multiStep, variables: LINGER });
      await stays(world, pipeline);
      rerun(world, pipeline);
      await stays(world, pipeline, 2);
      rerun(world, pipeline);
      await flowEnded(cloud, pipeline);
      assertEven(world, [pipeline]);
      assert.equal(stepsOf(pipeline)[1]?.runNumber, 3);
      const requests = cloud.requests.byCall("Bitbucket");
      assert.ok(cloud.requests.count({ api: "Bitbucket" }) <= most, JSON.stringify(requests));
    });
  });
}

test("A runner that lingers serves another pipeline's step meanwhile, and each rerun finds one", async (folder) => {
  await withFlowWorld({}, async (world) => {
    const { cloud, start } = world;
    const first = start({ steps: [await failing(folder, 1)], variables: LINGER });
    await stays(world, first);
    const second = start({ steps: ["sleep 0.3"], variables: LINGER });
    await cloud.bitbucket.scheduler.ended(second.uuid);
    rerun(world, first);
    await Promise.all([first, second].map((pipeline) => flowEnded(cloud, pipeline)));
    assertEven(world, [first, second]);
  });
});

test("A runner that lingers and may not ask Bitbucket goes by its words", async (folder) => {
  await withFlowWorld({}, async (world) => {
    const { cloud, start } = world;
    const variables = { ...LINGER, RUNNER_CREDENTIALS: "runner" };
    const pipeline = start({ steps: [await failing(folder, 1)], variables });
    await stays(world, pipeline);
    const asked = cloud.requests.count({ api: "Bitbucket" });
    rerun(world, pipeline);
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.equal(pipeline.result, "SUCCESSFUL", log);
    assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["SUCCEEDED"], log);
    assert.equal(cloud.requests.count({ api: "Bitbucket" }), asked, log);
    assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
  });
});

test("A signal ends the lingering at once, and a stopped pipeline does not begin it", async (folder) => {
  await withFlowWorld({}, async (world) => {
    const { cloud, start } = world;
    const failed = start({ steps: [await failing(folder, 1)], variables: LINGER });
    await stays(world, failed);
    const [build] = buildsOf(cloud, failed);
    assert.ok(build && signalProgram(build.uuid, "agent build", "SIGTERM"));
    await flowEnded(cloud, failed);
    const stopped = start({ steps: ["sleep 60"], variables: LINGER });
    await eventually("the step runs", () => stepsOf(stopped)[1]?.state === "IN_PROGRESS" || undefined);
    cloud.bitbucket.scheduler.stop(stopped.uuid);
    await flowEnded(cloud, stopped);
    const log = flowLog(cloud, stopped);
    assert.doesNotMatch(log, /Staying/);
    assert.deepEqual(leftoversOf(cloud), [], log);
    assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
  });
});

function test(name: string, body: (folder: string) => Promise<void>): void {
  Deno.test({ ...needing(NEEDED_TOOLS, name), fn: () => withTemporaryFolder(body) });
}
