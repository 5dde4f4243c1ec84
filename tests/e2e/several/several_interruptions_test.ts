import assert from "node:assert/strict";
import type { Build } from "../../../scripts/local_cloud/codebuild/build.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { buildsOf, exitCodeOf, flowEnded } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { type ProgramName, signalProgram } from "../../../scripts/soak/program_processes.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { runNextBuild, sideBySide } from "../flow_world.ts";
import { AGENT_ALONE, BUSY, IDLE, inMoment, type Moment, NOT_ONLINE_ALONE } from "../moments.ts";
import { assertNothingLost, flowTest } from "./several_world.ts";

const TWO = "--runners 2";
const SECOND = { after: 1 } as const;

const NEITHER_ONLINE: Moment = { ...NOT_ONLINE_ALONE, plan: { ...NOT_ONLINE_ALONE.plan, options: TWO } };

/** The moments of a build with one runner, at the second of several. */
const COMING_UP: readonly Moment[] = [
  {
    name: "before the second runner is registered",
    plan: { steps: ["true"], options: TWO, variables: AGENT_ALONE },
    prepare: ({ faults }) => faults.inject({ call: "CreateRunner", kind: "hang", ...SECOND }),
    reached: ({ happenings }) => createdTwo(happenings),
  },
  {
    name: "while the second runner is being registered",
    plan: { steps: ["true"], options: TWO, variables: AGENT_ALONE },
    prepare: ({ faults }) => faults.inject({ call: "CreateRunner", kind: "hang after", ...SECOND }),
    reached: ({ happenings }) => createdTwo(happenings),
  },
  NEITHER_ONLINE,
];
const BOTH_IDLE: Moment = { ...IDLE, plan: { ...IDLE.plan, options: TWO } };
const BOTH_BUSY: Moment = {
  ...BUSY,
  plan: { steps: ["echo at work; sleep 4", "echo at work; sleep 5"], parallel: true, options: TWO },
  reached: ({ happenings }) =>
    eventually(
      "both are at work",
      () => happenings.of("step output").filter(({ line }) => line === "at work").length >= 2 || undefined,
      60_000,
    ),
};

function createdTwo(happenings: LocalCloud["happenings"]): Promise<unknown> {
  const asked = () => happenings.of("request").filter(({ call }) => call === "CreateRunner").length;
  return eventually("the second runner is asked for", () => asked() >= 2 || undefined, 60_000);
}

type Signal = "SIGTERM" | "SIGKILL";

/** The agent leaves none of its runners, since pre_build is followed by no other phase. */
async function onTheWayUp(signal: Signal, moment: Moment): Promise<void> {
  await inMoment(moment, async ({ cloud }, pipeline, build) => {
    await signalled(build, "agent pre_build", signal);
    await flowEnded(cloud, pipeline);
    const log = `${signal} ${moment.name}\n${flowLog(cloud, pipeline)}`;
    assert.equal(exitCodeOf(pipeline), 5, log);
    assertNothingLost(cloud, log);
  });
}

/** The steps end as they would have, and post_build removes all. */
async function inBuild(signal: Signal, moment: Moment): Promise<void> {
  await inMoment(moment, async ({ cloud }, pipeline, build) => {
    await signalled(build, "agent build", signal);
    await flowEnded(cloud, pipeline);
    const log = `${signal} ${moment.name}\n${flowLog(cloud, pipeline)}`;
    assert.equal(pipeline.result, "SUCCESSFUL", log);
    assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["FAILED"], log);
    assertNothingLost(cloud, log);
  });
}

/** Nobody is left to remove them but the next build. */
async function stoppedFromOutside(moment: Moment): Promise<void> {
  await inMoment(moment, async (world, pipeline, build) => {
    const { cloud } = world;
    cloud.codeBuild.end(build.id, "STOPPED");
    await flowEnded(cloud, pipeline);
    const log = `${moment.name}\n${flowLog(cloud, pipeline)}`;
    assert.equal(build.status, "STOPPED", log);
    assert.equal(cloud.bitbucket.cancelledSteps.length, moment.busy ? 2 : 0, log);
    await runNextBuild(world);
  });
}

async function killedTwice(moment: Moment): Promise<void> {
  await inMoment(moment, async (world, pipeline, build) => {
    const { happenings } = world.cloud;
    const closings = () => happenings.of("request").filter(({ call }) => call === "UpdateRunner").length;
    await eventually("both are closed", () => closings() >= 2 || undefined);
    await signalled(build, "agent build", "SIGKILL");
    await eventually("post_build closes them", () => closings() > 2 || undefined);
    await signalled(build, "agent post_build", "SIGKILL");
    await flowEnded(world.cloud, pipeline);
    assert.equal(build.status, "FAILED", flowLog(world.cloud, pipeline));
    await runNextBuild(world);
  });
}

/** The longest first. */
const INTERRUPTIONS: readonly (() => Promise<void>)[] = [
  ...COMING_UP.flatMap((
    moment,
  ) => [() => onTheWayUp("SIGTERM", moment), () => onTheWayUp("SIGKILL", moment)]),
  () => killedTwice(BOTH_BUSY),
  ...[NEITHER_ONLINE, BOTH_IDLE, BOTH_BUSY].map((moment) => () => stoppedFromOutside(moment)),
  ...[BOTH_IDLE, BOTH_BUSY].flatMap((moment) => [
    () => inBuild("SIGTERM", moment),
    () => inBuild("SIGKILL", moment),
  ]),
];

flowTest(
  "whatever ends a phase or a build of several runners, no step is cut off that need not be, and nothing is left",
  async () => {
    await sideBySide(INTERRUPTIONS, (interruption) => interruption());
  },
);

async function signalled({ uuid }: Build, program: ProgramName, signal: Deno.Signal): Promise<void> {
  await eventually(`${program} runs`, () => signalProgram(uuid, program, signal) || undefined);
}
