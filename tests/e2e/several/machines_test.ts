import assert from "node:assert/strict";
import { containerOf } from "../../../scripts/local_cloud/machine/cloud_step.ts";
import { leftoversOf } from "../../../scripts/local_cloud/leftovers.ts";
import { type Pipeline, stepsOf } from "../../../scripts/local_cloud/pipelines/pipeline.ts";
import type { LocalCloud, LocalCloudOptions } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { stepVariables } from "../../../scripts/local_cloud/step_variables.ts";
import { buildsOf, exitCodeOf, flowEnded, launcherOf, QUICK } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { signalProgram } from "../../../scripts/soak/program_processes.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { needing } from "../../fixtures/needing.ts";
import { type FlowWorld, NEEDED_TOOLS, sideBySide, withFlowWorld } from "../flow_world.ts";
import { requested } from "../moments.ts";

const MACHINES = 4;

/** A pipeline whose first step starts four machines for the four steps that follow side by side. */
function startFour({ cloud, bin }: FlowWorld, command = "true"): Pipeline {
  const launcher = {
    name: "Start runners",
    oidc: true,
    script: [
      `start-runner --machines ${MACHINES} || code=$?`,
      'echo "start-runner ended with ${code:-0}"',
      'exit "${code:-0}"',
    ],
  };
  const parallel = Array.from({ length: MACHINES }, (_, index) => ({
    step: { name: `Step ${index + 1}`, "runs-on": ["self.hosted", "linux.shell"], script: [command] },
  }));
  const yaml = JSON.stringify({ pipelines: { default: [{ step: launcher }, { parallel }] } });
  return cloud.bitbucket.startPipeline(yaml, { variables: { ...stepVariables(cloud, bin), ...QUICK } });
}

function statuses(cloud: LocalCloud, pipeline: Pipeline): string[] {
  return buildsOf(cloud, pipeline).map(({ status }) => status).sort();
}

async function interrupt(pipeline: Pipeline): Promise<void> {
  const container = containerOf(launcherOf(pipeline));
  await eventually(
    "start-runner runs",
    () => signalProgram(container, "start-runner", "SIGTERM") || undefined,
  );
}

/** Resolves when so many builds have come to a phase. */
async function inPhase({ happenings }: LocalCloud, phase: string, count: number): Promise<void> {
  const reached = () => happenings.of("build phase").filter((one) => one.phase === phase).length;
  await happenings.until("build phase", { where: () => reached() >= count });
}

/** The most steps on runners that ran at the same time. */
function mostAtOnce({ happenings }: LocalCloud): number {
  let running = 0;
  return Math.max(
    0,
    ...happenings.all.map((one) => {
      if (one.type === "step started" && one.runnerUuid !== undefined) running++;
      if (one.type === "step ended" && one.step.startsWith("Step")) running--;
      return running;
    }),
  );
}

Deno.test(
  needing(NEEDED_TOOLS, "four parallel steps run on four machines at once, and nothing is left"),
  async () => {
    await withFlowWorld({}, async (world) => {
      const { cloud } = world;
      const pipeline = startFour(world, "sleep 4");
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(pipeline.result, "SUCCESSFUL", log);
      assert.equal(mostAtOnce(cloud), MACHINES, log);
      assert.deepEqual(statuses(cloud, pipeline), Array(MACHINES).fill("SUCCEEDED"), log);
      assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
      assert.deepEqual(leftoversOf(cloud), [], log);
    });
  },
);

Deno.test(
  needing(NEEDED_TOOLS, "a machine that crashes on its way up takes those down that are on it too"),
  async () => {
    await withFlowWorld({ codeBuild: { provisioningMs: 6000 } }, async (world) => {
      const { cloud } = world;
      const pipeline = startFour(world);
      await inPhase(cloud, "PROVISIONING", MACHINES);
      const crashed = cloud.codeBuild.builds[2]?.id ?? "";
      cloud.codeBuild.end(crashed, "TIMED_OUT");
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(exitCodeOf(pipeline), 5, log);
      assert.deepEqual(statuses(cloud, pipeline), ["STOPPED", "STOPPED", "STOPPED", "TIMED_OUT"], log);
      assert.match(log, new RegExp(`error: Machine \\d of 4: Build ${crashed} ended with TIMED_OUT`));
      assert.deepEqual(leftoversOf(cloud), [], log);
    });
  },
);

Deno.test(
  needing(
    NEEDED_TOOLS,
    "a machine that crashes when the others are online leaves them to their agents, which leave",
  ),
  async () => {
    await withFlowWorld({}, async (world) => {
      const { cloud } = world;
      cloud.faults.inject({ call: "CreateRunner", kind: "hang after", times: 1 });
      const pipeline = startFour(world);
      await inPhase(cloud, "BUILD", MACHINES - 1);
      const late = cloud.codeBuild.builds.find(({ id }) =>
        !cloud.happenings.of("build phase").some((one) => one.buildId === id && one.phase === "BUILD")
      );
      cloud.codeBuild.end(late?.id ?? "", "TIMED_OUT");
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(exitCodeOf(pipeline), 5, log);
      assert.deepEqual(statuses(cloud, pipeline), ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "TIMED_OUT"], log);
      assert.equal(cloud.requests.count({ call: "StopBuild" }), 0, log);
      assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
      assert.deepEqual(leftoversOf(cloud), [], log);
    });
  },
);

interface Moment {
  readonly name: string;
  readonly options?: Omit<LocalCloudOptions, "releaseFolder">;
  readonly prepare?: (cloud: LocalCloud) => void;
  readonly reached: (cloud: LocalCloud) => Promise<unknown>;
}

const MOMENTS: readonly Moment[] = [
  {
    name: "before the second StartBuild answers",
    options: { codeBuild: { provisioningMs: 8000 } },
    prepare: ({ faults }) => faults.inject({ call: "StartBuild", kind: "hang after", after: 1 }),
    reached: ({ happenings }) => requested(happenings, "StartBuild"),
  },
  {
    name: "while machines are provisioned",
    options: { codeBuild: { provisioningMs: 4000 } },
    reached: (cloud) => inPhase(cloud, "PROVISIONING", 2),
  },
  {
    name: "while one runner is being registered",
    prepare: ({ faults }) => faults.inject({ call: "CreateRunner", kind: "hang after" }),
    reached: ({ happenings }) => requested(happenings, "CreateRunner"),
  },
  { name: "when two are online", reached: (cloud) => inPhase(cloud, "BUILD", 2) },
];

Deno.test(
  needing(NEEDED_TOOLS, "SIGTERM while four machines come up leaves nothing, at whatever moment"),
  async () => {
    await sideBySide(MOMENTS, async ({ name, options, prepare, reached }) => {
      await withFlowWorld(options ?? {}, async (world) => {
        const { cloud } = world;
        prepare?.(cloud);
        const pipeline = startFour(world);
        await reached(cloud);
        await interrupt(pipeline);
        await flowEnded(cloud, pipeline);
        const log = `${name}\n${flowLog(cloud, pipeline)}`;
        assert.equal(exitCodeOf(pipeline), 143, log);
        assert.ok(buildsOf(cloud, pipeline).length <= MACHINES, log);
        assert.ok(statuses(cloud, pipeline).every((one) => one === "STOPPED" || one === "SUCCEEDED"), log);
        assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
        assert.deepEqual(leftoversOf(cloud), [], log);
      });
    }, 2);
  },
);

Deno.test(
  needing(NEEDED_TOOLS, "a pipeline that is stopped half-way leaves none of its four machines"),
  async () => {
    await withFlowWorld({}, async (world) => {
      const { cloud } = world;
      const pipeline = startFour(world, "echo at work; sleep 60");
      const atWork = () => cloud.happenings.of("step output").filter(({ line }) => line === "at work").length;
      await cloud.happenings.until("step output", { where: () => atWork() === MACHINES });
      cloud.bitbucket.scheduler.stop(pipeline.uuid);
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(pipeline.result, "STOPPED", log);
      assert.ok(stepsOf(pipeline).slice(1).every(({ result }) => result === "STOPPED"), log);
      assert.deepEqual(leftoversOf(cloud), [], log);
    });
  },
);
