import assert from "node:assert/strict";
import type { Build } from "../../../scripts/local_cloud/codebuild/build.ts";
import type { LocalRelease } from "../../../scripts/local_cloud/local_release.ts";
import { leftoversOf } from "../../../scripts/local_cloud/leftovers.ts";
import { processesOf } from "../../../scripts/local_cloud/machine/process_tree.ts";
import type { Pipeline } from "../../../scripts/local_cloud/pipelines/pipeline.ts";
import type { LocalCloud, LocalCloudOptions } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { makeFastRelease } from "../../../scripts/bench/fast_release.ts";
import {
  buildsOf,
  exitCodeOf,
  flowEnded,
  type FlowPlan,
  launcherOf,
  startFlow,
} from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { signalProgram } from "../../../scripts/soak/program_processes.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { needing } from "../../fixtures/needing.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { type FlowWorld, NEEDED_TOOLS, runNextBuild, sideBySide, withFlowWorld } from "../flow_world.ts";

const DEBUG = { RUNNER_DEBUG: "30" };
/** Of the service role's credentials those that may not even look at builds. */
const NO_LOOKS = { machineEnv: { AWS_ACCESS_KEY_ID: "AKIAOFNOBODY" } };
const HELD = /This build (?:is|may be) held for up to 30 min, until \S+: (\w+) ended with exit code 1/;

interface Failure {
  readonly name: string;
  readonly phase: string;
  readonly options: Omit<LocalCloudOptions, "releaseFolder" | "codeBuild">;
  readonly plan: FlowPlan;
  readonly prepare?: (cloud: LocalCloud) => void;
  readonly world?: typeof withFlowWorld;
}

const NOT_UP: Failure = {
  name: "a runner that does not come up",
  phase: "pre_build",
  options: { bitbucket: { runnerFault: "crash on start" } },
  plan: { steps: ["true"], variables: DEBUG },
};
const FAILED_STEP: Failure = {
  name: "a step that fails",
  phase: "build",
  options: {},
  plan: { steps: ["echo of the step >../of-the-step; exit 1"], variables: DEBUG },
};

/** Runs a body with a local cloud whose builds' agents have a clock that goes `RATE` times as fast. */
async function withFastWorld(
  options: Omit<LocalCloudOptions, "releaseFolder">,
  body: (world: FlowWorld) => Promise<void>,
): Promise<void> {
  const { folder: releaseFolder, bin } = await (fastRelease ??= makeSharedRelease());
  await withLocalCloud({ ...options, releaseFolder }, async (cloud) => {
    const stop = cloud.happenings.on((happening) => {
      if (happening.type === "build phase" && happening.phase === "INSTALL") {
        setClock(cloud, happening.buildId, RATE);
      }
    });
    await body({ cloud, bin, start: (plan) => startFlow(cloud, bin, plan) });
    stop();
  });
}

const RATE = 10;
let fastRelease: Promise<LocalRelease> | undefined;

async function makeSharedRelease(): Promise<LocalRelease> {
  const folder = await Deno.makeTempDir({ prefix: "aws-bitbucket-runner-fast-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return await makeFastRelease(folder);
}

function setClock(cloud: LocalCloud, buildId: string, rate: number): void {
  const build = cloud.codeBuild.find(buildId);
  assert.ok(build);
  Deno.writeTextFileSync(`${folderOf(cloud, build)}/clock-rate`, String(rate));
}

/** Plays a flow until its build has said that it is held; nobody then has a runner any more, and no secret is left. */
async function whileHeld(
  { options, plan, phase, prepare, world = withFlowWorld }: Failure,
  codeBuild: LocalCloudOptions["codeBuild"],
  body: (cloud: LocalCloud, pipeline: Pipeline, build: Build) => Promise<void>,
): Promise<void> {
  await world({ ...options, codeBuild: codeBuild ?? {} }, async ({ cloud, start }) => {
    prepare?.(cloud);
    const pipeline = start(plan);
    const log = () => flowLog(cloud, pipeline);
    const build = await eventually("a build is held", () => {
      const [held] = buildsOf(cloud, pipeline);
      return held !== undefined && isHeld(logOf(held), phase) ? held : undefined;
    });
    assert.deepEqual(cloud.bitbucket.runners.all, [], log());
    assert.equal(secretsLeft(cloud, build), undefined, log());
    await body(cloud, pipeline, build);
    await flowEnded(cloud, pipeline);
    assert.notEqual(build.status, "SUCCEEDED", log());
    assert.deepEqual(leftoversOf(cloud), [], log());
  });
}

test("a failed build is held without its runner, can be entered and looked into, and goes on at once when told to", async () => {
  const both = [NOT_UP, FAILED_STEP].flatMap((failure) =>
    [{}, NO_LOOKS].map((rights) => ({ failure, rights }))
  );
  await sideBySide(both, async ({ failure, rights }) => {
    await whileHeld(failure, rights, async (cloud, pipeline, build) => {
      const log = flowLog(cloud, pipeline);
      assert.match(
        log,
        new RegExp(`aws ssm start-session --target codebuild:${build.uuid} --region eu-central-1`),
      );
      if (rights === NO_LOOKS) assert.match(log, new RegExp(`batch-get-builds --ids ${build.id} --region`));
      else assert.match(log, /Holding it costs about \$0\.01 a minute: list price of LINUX_CONTAINER medium/);
      assert.match(await inSession(cloud, build, "cat ../../../../runner/runner.log"), /runner/i);
      if (failure === FAILED_STEP) {
        assert.match(log, /Timeline: [^]* in all [^]*This build is held/);
        const found = await inSession(cloud, build, "find . -name of-the-step | xargs cat");
        assert.match(found, /of the step/);
      }
      await inSession(cloud, build, "codebuild-resume");
      await flowEnded(cloud, pipeline);
      assert.match(logOf(build), /The build goes on, as codebuild-resume has told it to/);
    });
  });
});

test("start-runner reports the failure of a held build with its reason, and leaves it", async () => {
  await whileHeld(NOT_UP, {}, async (cloud, pipeline, build) => {
    await cloud.bitbucket.scheduler.ended(pipeline.uuid);
    const step = launcherOf(pipeline).output.join("\n");
    assert.equal(exitCodeOf(pipeline), 5, step);
    assert.match(step, new RegExp(`Build ${build.id} is held for up to 30 min, until 20`));
    assert.match(step, new RegExp(`start-session --target codebuild:${build.uuid} --region eu-central-1`));
    assert.match(step, /Holding it costs about \$0\.01 a minute/);
    assert.match(
      step,
      new RegExp(`codebuild-resume in that session, and ends with: start-runner stop ${build.id}`),
    );
    assert.match(step, /is held in phase PRE_BUILD, since its runner did not come up, for this reason:/);
    assert.match(step, /error: The runner ended/);
    assert.equal(build.complete, false);
    assert.equal(cloud.requests.count({ call: "StopBuild" }), 0);
    cloud.codeBuild.end(build.id, "STOPPED");
  });
});

test("a held build ends at once by SIGTERM and by StopBuild", async () => {
  const both = [NOT_UP, FAILED_STEP].flatMap((failure) =>
    (["SIGTERM", "STOPPED"] as const).map((by) => ({ failure, by }))
  );
  await sideBySide(both, async ({ failure, by }) => {
    await whileHeld(failure, {}, async (cloud, pipeline, build) => {
      if (by === "STOPPED") cloud.codeBuild.end(build.id, by);
      else assert.ok(signalProgram(build.uuid, failure === NOT_UP ? "agent pre_build" : "agent build", by));
      await flowEnded(cloud, pipeline);
      assert.equal(build.status, by === "STOPPED" ? by : "FAILED", flowLog(cloud, pipeline));
    });
  });
});

test("where codebuild-breakpoint only has CodeBuild wait after the command, the build is held there and resumed", async () => {
  await sideBySide([NOT_UP, FAILED_STEP], async (failure) => {
    await whileHeld(failure, { breakpoint: "signals" }, async (cloud, pipeline, build) => {
      assert.match(
        flowLog(cloud, pipeline),
        /This build may be held .*\n.*start-session[^]*has come back at once/,
      );
      await eventually("the agent has ended, and what ends the pause in time is left", () => {
        const programs = processesOf(build.uuid).map(commandLine);
        const ends = programs.filter((line) => line.includes("sleep 1800; while :; do"));
        return !programs.some((line) => line.includes("/agent/main.ts")) && ends.length === 1 || undefined;
      });
      assert.equal(build.complete, false);
      await inSession(cloud, build, "codebuild-resume");
    });
  });
});

test("a build is not held longer than it is asked to", async () => {
  await sideBySide([NOT_UP, FAILED_STEP], async (failure) => {
    await whileHeld({ ...failure, world: withFastWorld }, {}, async (cloud, pipeline, build) => {
      setClock(cloud, build.id, 900);
      await flowEnded(cloud, pipeline);
      assert.match(logOf(build), /The build goes on$/m);
    });
  });
});

const NOBODY_GETS_IN: readonly (readonly [string, LocalCloudOptions["codeBuild"], RegExp])[] = [
  [
    "its role may open no session",
    { opensSessions: false },
    /allow the project's service role ssmmessages:CreateControl/,
  ],
  [
    "the image has no breakpoint",
    { breakpoint: "missing" },
    /no codebuild-breakpoint and codebuild-resume on its PATH/,
  ],
];

/** The agent waits half a minute for a target that may come late. */
test("a build that nobody can get into is not held, and a warning says why", async () => {
  const all = NOBODY_GETS_IN.flatMap((place) => [NOT_UP, FAILED_STEP].map((failure) => ({ place, failure })));
  await sideBySide(all, async ({ place: [name, codeBuild, why], failure }) => {
    await withFastWorld({ ...failure.options, codeBuild: codeBuild ?? {} }, async ({ cloud, start }) => {
      const pipeline = start(failure.plan);
      await flowEnded(cloud, pipeline);
      const log = `${name}\n${flowLog(cloud, pipeline)}`;
      assert.equal(buildsOf(cloud, pipeline)[0]?.status, "FAILED", log);
      assert.match(log, why);
      assert.match(log, /warning: This build is not held, as RUNNER_DEBUG asks/);
      assert.doesNotMatch(log, HELD);
      assert.deepEqual(leftoversOf(cloud), [], log);
    });
  });
});

test("start-runner stops a held build that nobody can get into, where the agent cannot know", async () => {
  const codeBuild = { ...NO_LOOKS, opensSessions: false };
  await withFlowWorld({ ...NOT_UP.options, codeBuild }, async ({ cloud, start }) => {
    const pipeline = start(NOT_UP.plan);
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.equal(buildsOf(cloud, pipeline)[0]?.status, "STOPPED", log);
    assert.equal(exitCodeOf(pipeline), 5, log);
    assert.match(log, /warning: CodeBuild names no session for build \S+ so far/);
    assert.match(log, /error: The runner ended/);
    assert.deepEqual(leftoversOf(cloud), [], log);
  });
});

test("a runner that only start-runner can unregister is gone while its build is held", async () => {
  const variables = { ...DEBUG, RUNNER_CREDENTIALS: "runner" };
  await withFlowWorld(NOT_UP.options, async ({ cloud, start }) => {
    const pipeline = start({ steps: ["true"], variables });
    await cloud.bitbucket.scheduler.ended(pipeline.uuid);
    const log = flowLog(cloud, pipeline);
    const [build] = buildsOf(cloud, pipeline);
    assert.ok(build);
    assert.equal(build.complete, false, log);
    assert.deepEqual(cloud.bitbucket.runners.all, [], log);
    await inSession(cloud, build, "codebuild-resume");
    await flowEnded(cloud, pipeline);
    assert.deepEqual(leftoversOf(cloud), [], log);
  });
});

test("a build whose runner stays registered is not held", async () => {
  await sideBySide([NOT_UP, FAILED_STEP], async ({ options, plan }) => {
    await withFastWorld(options, async (world) => {
      const { cloud, start } = world;
      cloud.faults.inject({ call: "DeleteRunner", kind: "forbidden", times: Infinity });
      const pipeline = start(plan);
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.match(log, /This build is not held, as RUNNER_DEBUG asks: The runner \S+ stays registered/);
      assert.doesNotMatch(log, HELD);
      await runNextBuild(world);
    });
  });
});

test("a runner that could not be removed at first is removed before its build is held", async () => {
  const failure: Failure = { ...NOT_UP, world: withFastWorld, prepare: ({ faults }) => refuseOnce(faults) };
  await whileHeld(failure, {}, async (cloud, pipeline, build) => {
    assert.match(flowLog(cloud, pipeline), /warning: The runner \S+ stays registered/);
    await inSession(cloud, build, "codebuild-resume");
  });
});

test("a build that was started without sessions is not held, whatever its project asks for", async () => {
  await withFlowWorld(FAILED_STEP.options, async ({ cloud, start }) => {
    for (const [name, project] of cloud.codeBuild.projects) {
      const variables = [...project.environmentVariables ?? [], { name: "RUNNER_DEBUG", value: "30" }];
      cloud.codeBuild.projects.set(name, { ...project, environmentVariables: variables });
    }
    const pipeline = start({ steps: ["exit 1"] });
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.match(log, /This build is not held.*: it was started without session support/);
    assert.deepEqual(leftoversOf(cloud), [], log);
  });
});

test("a build that goes well is not held, and start-runner warns once where nobody could get in", async () => {
  await sideBySide([true, false], async (opensSessions) => {
    await withFlowWorld({ codeBuild: { opensSessions } }, async ({ cloud, start }) => {
      const pipeline = start({ steps: ["true"], variables: DEBUG });
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(pipeline.result, "SUCCESSFUL", log);
      assert.doesNotMatch(log, /held for up to/);
      assert.equal(log.split("names no session for build").length - 1, opensSessions ? 0 : 1, log);
    });
  });
});

/** As often as a phase tries: the next one may. */
function refuseOnce(faults: LocalCloud["faults"]): void {
  faults.inject({ call: "DeleteRunner", kind: "forbidden", times: 3 });
}

/** Whether the agent has said all that it says of a build that is held. */
function isHeld(log: string, phase: string): boolean {
  return HELD.exec(log)?.[1] === phase && log.includes("It goes on at once after");
}

function logOf({ log }: Build): string {
  return log.events.map(({ message }) => message).join("");
}

function folderOf({ codeBuild }: LocalCloud, { uuid }: Build): string {
  return `${codeBuild.settings.folder}/${uuid}/codebuild/output/src1/src`;
}

/** What somebody sees who opens a session in the build and types a command. */
async function inSession(cloud: LocalCloud, build: Build, command: string): Promise<string> {
  const cwd = folderOf(cloud, build);
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command],
    cwd,
    env: { PATH: `${cwd}/../../../bin:${Deno.env.get("PATH")}` },
    clearEnv: true,
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** The secrets that the phases have left in the state file. */
function secretsLeft({ codeBuild }: LocalCloud, { uuid }: Build): unknown {
  const state = JSON.parse(Deno.readTextFileSync(`${codeBuild.settings.folder}/${uuid}/runner/state.json`));
  assert.equal(state.removed, true);
  return state.secrets;
}

function commandLine(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
  } catch {
    // It has ended in the meantime.
    return "";
  }
}

function test(name: string, body: () => Promise<void>): void {
  Deno.test({ ...needing(NEEDED_TOOLS, name), fn: body });
}
