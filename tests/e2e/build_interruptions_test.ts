import assert from "node:assert/strict";
import type { Build } from "../../scripts/local_cloud/codebuild/build.ts";
import type { LocalCloud } from "../../scripts/local_cloud/start_local_cloud.ts";
import { buildsOf, exitCodeOf, flowEnded } from "../../scripts/soak/flow.ts";
import { flowLog } from "../../scripts/soak/flow_log.ts";
import { runnerName } from "../../shared/leftovers/runner_name.ts";
import { leftoversOf } from "../../scripts/local_cloud/leftovers.ts";
import { type ProgramName, signalProgram } from "../../scripts/soak/program_processes.ts";
import { eventually } from "../fixtures/eventually.ts";
import { needing } from "../fixtures/needing.ts";
import { NEEDED_TOOLS, runNextBuild, sideBySide, withFlowWorld } from "./flow_world.ts";
import {
  BUSY,
  IDLE,
  inMoment,
  NOT_ONLINE,
  NOT_ONLINE_ALONE,
  REGISTERING,
  requested,
  UNREGISTERED,
} from "./moments.ts";

const SIGNALS = ["SIGTERM", "SIGKILL"] as const;

test("an agent that gets a signal in pre_build leaves no runner, at whatever moment", async () => {
  await sideBySide(
    pairs(SIGNALS, [UNREGISTERED, REGISTERING, NOT_ONLINE_ALONE]),
    async ([signal, moment]) => {
      await inMoment(moment, async ({ cloud }, pipeline, build) => {
        await signalled(build, "agent pre_build", signal);
        await flowEnded(cloud, pipeline);
        const log = `${signal} ${moment.name}\n${flowLog(cloud, pipeline)}`;
        assert.equal(exitCodeOf(pipeline), 5, log);
        assert.deepEqual(leftoversOf(cloud), [], log);
      });
    },
  );
});

test("an agent that gets a signal in build lets the step end, and post_build removes the runner", async () => {
  await sideBySide(pairs(SIGNALS, [IDLE, BUSY]), async ([signal, moment]) => {
    await inMoment(moment, async ({ cloud }, pipeline, build) => {
      await signalled(build, "agent build", signal);
      await flowEnded(cloud, pipeline);
      const log = `${signal} ${moment.name}\n${flowLog(cloud, pipeline)}`;
      assert.equal(pipeline.result, "SUCCESSFUL", log);
      assert.equal(build.status, "FAILED", log);
      assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
      assert.deepEqual(leftoversOf(cloud), [], log);
    });
  });
});

test("an agent that gets a signal in post_build leaves at most what the next build removes", async () => {
  await sideBySide(pairs(SIGNALS, [IDLE, BUSY]), async ([signal, moment]) => {
    await inMoment(moment, async (world, pipeline, build) => {
      // Where the runner is idle, a call that hangs holds post_build up until the signal comes.
      world.cloud.faults.inject({ call: "DeleteRunner", kind: "hang" });
      const { happenings } = world.cloud;
      const closings = () => happenings.of("request").filter(({ call }) => call === "UpdateRunner").length;
      if (moment.busy) await requested(happenings, "UpdateRunner");
      await signalled(build, "agent build", "SIGKILL");
      // A program that has just been started cannot answer to a signal yet.
      if (moment.busy) await eventually("post_build closes the runner", () => closings() > 1 || undefined);
      else await requested(happenings, "DeleteRunner");
      await signalled(build, "agent post_build", signal);
      await flowEnded(world.cloud, pipeline);
      const log = `${signal} ${moment.name}\n${flowLog(world.cloud, pipeline)}`;
      assert.equal(build.status, "FAILED", log);
      // The container ends with post_build: told to end it waits for the step, killed it cannot.
      const lost = moment.busy && signal === "SIGKILL" ? 1 : 0;
      assert.equal(world.cloud.bitbucket.cancelledSteps.length, lost, log);
      if (signal === "SIGTERM") assert.deepEqual(leftoversOf(world.cloud), [], log);
      await runNextBuild(world);
    });
  });
});

const ENDINGS = ["STOPPED", "TIMED_OUT", "FAULT"] as const;

test("the runner of a build that was ended from outside is removed by the next build, and no other", async () => {
  await sideBySide(pairs(ENDINGS, [IDLE, BUSY]), async ([ending, moment]) => {
    await inMoment(moment, async (world, pipeline, build) => {
      const { cloud } = world;
      const kept = bystanders(cloud);
      cloud.codeBuild.end(build.id, ending);
      await flowEnded(cloud, pipeline);
      assert.equal(build.status, ending);
      assert.equal(cloud.bitbucket.cancelledSteps.length, moment.busy ? 1 : 0);
      assert.equal(cloud.bitbucket.runners.all.length, kept.length + 1);
      await runNextBuild(world, kept);
    });
  });
});

test("start-runner removes the runner of a build that was ended before it was online, and no other", async () => {
  await sideBySide(ENDINGS, async (ending) => {
    await inMoment(NOT_ONLINE, async ({ cloud }, pipeline, build) => {
      const kept = bystanders(cloud);
      cloud.codeBuild.end(build.id, ending);
      await flowEnded(cloud, pipeline);
      assert.equal(exitCodeOf(pipeline), 5, flowLog(cloud, pipeline));
      assert.deepEqual(cloud.bitbucket.runners.all.map(({ uuid }) => uuid), kept, flowLog(cloud, pipeline));
    });
  });
});

test("an agent that may not ask CodeBuild removes old leftovers, and none that may be booting", async () => {
  const machineEnv = { AWS_ACCESS_KEY_ID: "AKIAOFNOBODY" };
  await withFlowWorld({ codeBuild: { machineEnv } }, async (world) => {
    const { cloud } = world;
    const kept = bystanders(cloud);
    const old = addRunner(cloud, runnerName(`bitbucket-runner:${crypto.randomUUID()}`), "OFFLINE");
    old.stateUpdatedAt = old.updatedAt = Date.now() - 11 * 60_000;
    const young = addRunner(cloud, runnerName(`bitbucket-runner:${crypto.randomUUID()}`), "UNREGISTERED");
    // Long enough for two looks that are further apart than a runner is ever silent.
    const pipeline = world.start({ steps: ["sleep 35"] });
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.equal(pipeline.result, "SUCCESSFUL", log);
    assert.deepEqual(cloud.bitbucket.runners.all.map(({ uuid }) => uuid), [...kept, young.uuid], log);
  });
});

test("a runner that dies fails the build, and nothing is left", async () => {
  await sideBySide([IDLE, BUSY], async (moment) => {
    await inMoment(moment, async ({ cloud }, pipeline, build) => {
      await signalled(build, "runner", "SIGKILL");
      await flowEnded(cloud, pipeline);
      const log = `${moment.name}\n${flowLog(cloud, pipeline)}`;
      assert.equal(build.status, "FAILED", log);
      assert.match(log, /error: The runner ended (by itself|in the middle of a step)/);
      assert.deepEqual(leftoversOf(cloud), [], log);
    });
  });
});

test("a runner that crashes on start fails the build with its last words, and nothing is left", async () => {
  await withFlowWorld({ bitbucket: { runnerFault: "crash on start" } }, async ({ cloud, start }) => {
    const pipeline = start({ steps: ["true"] });
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.equal(exitCodeOf(pipeline), 5, log);
    assert.match(log, /hint: Its last lines: .*the runner cannot go on/);
    assert.deepEqual(leftoversOf(cloud), [], log);
  });
});

test("a build that fails in install fails start-runner with the reason, and nothing is left", async () => {
  await withFlowWorld({}, async ({ cloud, start }) => {
    const pipeline = start({ steps: ["true"], variables: { RUNNER_RELEASE_URL: `${cloud.url}/nowhere` } });
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.equal(exitCodeOf(pipeline), 5, log);
    assert.match(log, /Build \S+ ended with FAILED in phase INSTALL .*, for this reason:/);
    assert.match(log, /error: Cannot download \S+\/nowhere\/install-shell\.sh/);
    assert.deepEqual(leftoversOf(cloud), [], log);
  });
});

test("a pipeline that fails before its runner is up makes the runner leave", async () => {
  await withFlowWorld({ codeBuild: { provisioningMs: 2000 } }, async ({ cloud, start }) => {
    const pipeline = start({ steps: ["true"], variables: { STARTUP_TIMEOUT: "1" } });
    // Its build goes on, since it cannot be stopped.
    cloud.faults.inject({ call: "StopBuild", kind: "forbidden", times: Infinity });
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.equal(exitCodeOf(pipeline), 6, log);
    assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["SUCCEEDED"], log);
    assert.deepEqual(leftoversOf(cloud), [], log);
  });
});

function pairs<A, B>(ones: readonly A[], others: readonly B[]): [A, B][] {
  return ones.flatMap((one) => others.map((other): [A, B] => [one, other]));
}

async function signalled({ uuid }: Build, program: ProgramName, signal: Deno.Signal): Promise<void> {
  await eventually(`${program} runs`, () => signalProgram(uuid, program, signal) || undefined);
}

/** Runners that nobody may touch: another project's, a person's, and those of a build that still runs. */
function bystanders(cloud: LocalCloud): string[] {
  const build = cloud.codeBuild.start({
    projectName: "bitbucket-runner",
    buildspecOverride: "version: 0.2\nphases: {build: {commands: [sleep 60]}}",
    environmentVariablesOverride: [],
  });
  const booting = runnerName(build.id);
  return [
    addRunner(cloud, runnerName(`other:${crypto.randomUUID()}`), "OFFLINE"),
    addRunner(cloud, "build-server", "OFFLINE"),
    addRunner(cloud, booting, "UNREGISTERED"),
    addRunner(cloud, booting, "OFFLINE"),
  ].map(({ uuid }) => uuid);
}

function addRunner({ bitbucket }: LocalCloud, name: string, connection: "UNREGISTERED" | "OFFLINE") {
  const [repository] = bitbucket.settings.repositories;
  return Object.assign(bitbucket.runners.create(repository?.uuid ?? "", name, ["somebody"]), { connection });
}

function test(name: string, body: () => Promise<void>): void {
  Deno.test({ ...needing(NEEDED_TOOLS, name), fn: body });
}
