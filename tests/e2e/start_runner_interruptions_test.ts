import assert from "node:assert/strict";
import type { Build } from "../../scripts/local_cloud/codebuild/build.ts";
import type { LocalCloud, LocalCloudOptions } from "../../scripts/local_cloud/start_local_cloud.ts";
import { containerOf } from "../../scripts/local_cloud/machine/cloud_step.ts";
import { buildsOf, exitCodeOf, flowEnded, launcherOf } from "../../scripts/soak/flow.ts";
import { flowLog } from "../../scripts/soak/flow_log.ts";
import { leftoversOf } from "../../scripts/local_cloud/leftovers.ts";
import { signalProgram } from "../../scripts/soak/program_processes.ts";
import { eventually } from "../fixtures/eventually.ts";
import { NEEDED_TOOLS, runNextBuild, sideBySide, withFlowWorld } from "./flow_world.ts";
import { requested } from "./moments.ts";
import { needing } from "../fixtures/needing.ts";

interface Stage {
  readonly name: string;
  readonly options?: Omit<LocalCloudOptions, "releaseFolder">;
  readonly prepare?: (cloud: LocalCloud) => void;
  /** Resolves when start-runner has come so far. */
  readonly reached: (cloud: LocalCloud) => Promise<unknown>;
  /** What a build that nobody stops needs so that it ends. */
  readonly letGo?: (cloud: LocalCloud) => void;
}

const STAGES: readonly Stage[] = [
  {
    name: "before StartBuild answers",
    // Not online by the time that the hanging request is repeated and answered.
    options: { codeBuild: { provisioningMs: 8000 } },
    prepare: ({ faults }) => faults.inject({ call: "StartBuild", kind: "hang after" }),
    reached: ({ happenings }) => requested(happenings, "StartBuild"),
  },
  {
    name: "while the build is queued",
    options: { codeBuild: { concurrentBuilds: 1 } },
    prepare: occupy,
    reached: ({ happenings, codeBuild }) =>
      happenings.until("build started", { where: ({ buildId }) => buildId !== codeBuild.builds[0]?.id }),
    letGo: ({ codeBuild }) => codeBuild.end(codeBuild.builds[0]?.id ?? "", "STOPPED"),
  },
  {
    name: "while the build is provisioned",
    options: { codeBuild: { provisioningMs: 3000 } },
    reached: ({ happenings }) =>
      happenings.until("build phase", { where: ({ phase }) => phase === "PROVISIONING" }),
  },
  {
    name: "in pre_build, before the runner is registered",
    prepare: ({ faults }) => faults.inject({ call: "CreateRunner", kind: "hang" }),
    reached: ({ happenings }) => requested(happenings, "CreateRunner"),
  },
  {
    name: "in pre_build, while the runner is being registered",
    prepare: ({ faults }) => faults.inject({ call: "CreateRunner", kind: "hang after" }),
    reached: ({ happenings }) => requested(happenings, "CreateRunner"),
  },
  {
    name: "in pre_build, before the runner is online",
    options: { bitbucket: { runnerFault: "never online" } },
    reached: ({ happenings }) => happenings.until("runner registered"),
    letGo: ({ codeBuild }) => codeBuild.end(codeBuild.builds[0]?.id ?? "", "TIMED_OUT"),
  },
];

const ONLINE: Stage = {
  name: "when the runner has come online",
  reached: ({ happenings }) => happenings.until("build phase", { where: ({ phase }) => phase === "BUILD" }),
};

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(
    needing(
      NEEDED_TOOLS,
      `start-runner that gets ${signal} leaves no build and no runner, at whatever stage`,
    ),
    async () => {
      await sideBySide(STAGES, async (stage) => {
        await withFlowWorld(stage.options ?? {}, async ({ cloud, start }) => {
          stage.prepare?.(cloud);
          const pipeline = start({ steps: ["true"] });
          await stage.reached(cloud);
          await signalled(containerOf(launcherOf(pipeline)), signal);
          await flowEnded(cloud, pipeline);
          stage.letGo?.(cloud);
          const log = `${stage.name}\n${flowLog(cloud, pipeline)}`;
          assert.equal(exitCodeOf(pipeline), code, log);
          assert.equal(pipeline.result, "FAILED", log);
          assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["STOPPED"], log);
          await othersEnded(cloud);
          assert.deepEqual(leftoversOf(cloud), [], log);
        });
      });
    },
  );
}

Deno.test(
  needing(
    NEEDED_TOOLS,
    "start-runner that gets a signal once the runner is online leaves the build to its agent",
  ),
  async () => {
    await sideBySide(["SIGINT", "SIGTERM"] as const, async (signal) => {
      await withFlowWorld({}, async ({ cloud, start }) => {
        const pipeline = start({ steps: ["true"] });
        await ONLINE.reached(cloud);
        await signalled(containerOf(launcherOf(pipeline)), signal);
        await flowEnded(cloud, pipeline);
        const log = flowLog(cloud, pipeline);
        assert.equal(exitCodeOf(pipeline), signal === "SIGINT" ? 130 : 143, log);
        assert.equal(pipeline.result, "FAILED", log);
        assert.equal(cloud.requests.count({ call: "StopBuild" }), 0, log);
        assert.match(log, /is not stopped, since its runner is online: it is left to its agent/);
        assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["SUCCEEDED"], log);
        assert.deepEqual(leftoversOf(cloud), [], log);
      });
    });
  },
);

Deno.test(
  needing(
    NEEDED_TOOLS,
    "a build whose start-runner was killed ends by itself, or the next one removes its runner",
  ),
  async () => {
    await sideBySide([...STAGES, ONLINE], async (stage) => {
      await withFlowWorld(stage.options ?? {}, async ({ cloud, start }) => {
        stage.prepare?.(cloud);
        const pipeline = start({ steps: ["true"] });
        await stage.reached(cloud);
        await signalled(containerOf(launcherOf(pipeline)), "SIGKILL");
        await cloud.bitbucket.scheduler.ended(pipeline.uuid);
        const log = () => `${stage.name}\n${flowLog(cloud, pipeline)}`;
        assert.notEqual(pipeline.result, "SUCCESSFUL", log());
        stage.letGo?.(cloud);
        await flowEnded(cloud, pipeline);
        assert.equal(buildsOf(cloud, pipeline).length, 1, log());
        await othersEnded(cloud);
        // Only where the container was ended before the agent could act is there something for the next build to do.
        if (stage.options?.bitbucket?.runnerFault === undefined) {
          assert.deepEqual(leftoversOf(cloud), [], log());
        } else await runNextBuild({ cloud, start });
      });
    });
  },
);

Deno.test(needing(NEEDED_TOOLS, "a second signal ends start-runner at once"), async () => {
  await withFlowWorld({ codeBuild: { provisioningMs: 60_000 } }, async ({ cloud, start }) => {
    cloud.faults.inject({ call: "StopBuild", kind: "hang", times: Infinity });
    const pipeline = start({ steps: ["true"], variables: { API_TIMEOUT: "60" } });
    await cloud.happenings.until("build phase", { where: ({ phase }) => phase === "PROVISIONING" });
    await signalled(containerOf(launcherOf(pipeline)), "SIGTERM");
    await requested(cloud.happenings, "StopBuild");
    await signalled(containerOf(launcherOf(pipeline)), "SIGINT");
    await cloud.bitbucket.scheduler.ended(pipeline.uuid);
    assert.equal(exitCodeOf(pipeline), 130, flowLog(cloud, pipeline));
  });
});

Deno.test(
  needing(NEEDED_TOOLS, "a pipeline that is stopped while its runner comes up leaves nothing"),
  async () => {
    await sideBySide([...STAGES, ONLINE].filter(({ letGo }) => letGo === undefined), async (stage) => {
      await withFlowWorld(stage.options ?? {}, async ({ cloud, start }) => {
        stage.prepare?.(cloud);
        const pipeline = start({ steps: ["true"] });
        await stage.reached(cloud);
        cloud.bitbucket.scheduler.stop(pipeline.uuid);
        await flowEnded(cloud, pipeline);
        const log = `${stage.name}\n${flowLog(cloud, pipeline)}`;
        assert.equal(pipeline.result, "STOPPED", log);
        assert.deepEqual(leftoversOf(cloud), [], log);
      });
    });
  },
);

/** The account's one place is taken by a build that has nothing to do with runners. */
function occupy({ codeBuild }: LocalCloud): void {
  codeBuild.start({
    projectName: "bitbucket-runner",
    buildspecOverride: "version: 0.2\nphases: {build: {commands: [sleep 60]}}",
    environmentVariablesOverride: [],
  });
}

async function signalled(container: string, signal: Deno.Signal): Promise<void> {
  await eventually("start-runner runs", () => signalProgram(container, "start-runner", signal) || undefined);
}

async function othersEnded({ codeBuild }: LocalCloud): Promise<void> {
  await Promise.all(codeBuild.builds.map((build: Build) => codeBuild.ended(build.id)));
}
