import assert from "node:assert/strict";
import { leftoversOf } from "../../../scripts/local_cloud/leftovers.ts";
import { stepsOf } from "../../../scripts/local_cloud/pipelines/pipeline.ts";
import { buildsOf, exitCodeOf, flowEnded, type FlowPlan } from "../../../scripts/soak/flow.ts";
import { flowLog } from "../../../scripts/soak/flow_log.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { sideBySide } from "../flow_world.ts";
import { assertNothingLost, assertServed, flowTest, inWorld, meeting } from "./several_world.ts";

flowTest(
  "four parallel steps are served at once by the four runners of one build, for few requests",
  async () => {
    await inWorld({}, async ({ cloud, start }, folder) => {
      const steps = [1, 2, 3, 4].map(() => meeting(folder, 4, "sleep 2"));
      const variables = { BITBUCKET_POLL_INTERVAL: "10" };
      const pipeline = start({ steps, parallel: true, options: "--runners 4", variables });
      await flowEnded(cloud, pipeline);
      const log = assertServed(cloud, pipeline);
      const runners = stepsOf(pipeline).slice(1).map(({ runnerUuid }) => runnerUuid);
      assert.equal(new Set(runners).size, 4, log);
      assert.equal(cloud.happenings.of("runner registered").length, 4, log);
      const requests = cloud.requests.count({ api: "Bitbucket" });
      assert.ok(requests <= 4 + 5 * 4, `${requests}: ${log}`);
    });
  },
);

/** Ends the runner that serves the step, as a crash would. */
const KILL_RUNNER = "p=$$; while ! grep -q '[s]tand_in_runner' /proc/$p/cmdline; do " +
  "p=$(sed -n 's/^PPid:\\t//p' /proc/$p/status); done; kill -9 $p; sleep 60";

const PLANS: Readonly<Record<string, (folder: string) => FlowPlan>> = {
  "one step, of which the others hear": () => ({ steps: ["sleep 1"], options: "--runners 3" }),
  "two steps one after the other, and one runner too many": () => ({
    steps: ["sleep 0.5", "true"],
    multiStep: true,
    options: "--runners 3",
  }),
  "more steps than runners": (folder) => ({
    steps: [meeting(folder, 2), meeting(folder, 2), "sleep 0.5", "true", "sleep 1", "true"],
    parallel: true,
    multiStep: true,
    options: "--runners 2",
  }),
  "steps that Bitbucket does not show": (folder) => ({
    steps: [1, 2, 3].map(() => meeting(folder, 3)),
    parallel: true,
    options: "--runners 3",
  }),
};

flowTest(
  "fewer steps than runners, or more, are all served, and every runner leaves when they are over",
  async () => {
    await sideBySide(Object.entries(PLANS), async ([name, plan]) => {
      const bitbucket = name.includes("not show") ? { showsStep: false, closeForm: "state" } as const : {};
      await inWorld({ bitbucket }, async ({ cloud, start }, folder) => {
        const pipeline = start(plan(folder));
        await flowEnded(cloud, pipeline);
        assertServed(cloud, pipeline);
      });
    });
  },
);

flowTest(
  "what befalls one runner is told with its number, no other is stopped at work, and nothing is left",
  async () => {
    await sideBySide(Object.values(MISHAPS), (mishap) => mishap());
  },
);

const MISHAPS = {
  "one dies in its step": () =>
    inWorld({}, async ({ cloud, start }, folder) => {
      const steps = [meeting(folder, 2, KILL_RUNNER), meeting(folder, 2, "sleep 6")];
      const pipeline = start({ steps, parallel: true, options: "--runners 2" });
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      const results = stepsOf(pipeline).map(({ result }) => result);
      assert.deepEqual(results, ["SUCCESSFUL", "ERROR", "SUCCESSFUL"], log);
      assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["FAILED"], log);
      assert.match(log, /error: \[[12]\] The runner ended in the middle of a step/);
      assert.deepEqual(leftoversOf(cloud), [], log);
    }),
  "one crashes on start, beside one that serves a stranger": () => besideStranger("crash on start", 5, {}),
  "one never comes online, beside one that serves a stranger": () =>
    besideStranger("never online", 6, { STARTUP_TIMEOUT: "15" }),
  "there is no room for one": () =>
    inWorld({}, async ({ cloud, start }) => {
      const { runners, settings } = cloud.bitbucket;
      const owner = settings.repositories[0]?.uuid ?? "";
      for (let count = 0; count < 98; count++) runners.create(owner, `build-server-${count}`, ["somebody"]);
      const pipeline = start({ steps: ["true"], options: "--runners 4" });
      await flowEnded(cloud, pipeline);
      const log = flowLog(cloud, pipeline);
      assert.equal(exitCodeOf(pipeline), 5, log);
      assert.match(log, /Runner limit exceeded.* at runner 3 of 4; the repository has 100 runners/);
      assert.equal(runners.all.length, 98, log);
    }),
  "the pipeline is stopped, single-step": () => stoppedHalfWay(false),
  "the pipeline is stopped, multi-step": () => stoppedHalfWay(true),
};

/** One runner is online and serves a stranger's step when the next ones come to grief. */
async function besideStranger(
  runnerFault: "crash on start" | "never online",
  exitCode: number,
  variables: Record<string, string>,
): Promise<void> {
  await inWorld({}, async ({ cloud, start }) => {
    const { bitbucket, faults, happenings } = cloud;
    faults.inject({ call: "CreateRunner", kind: "hang", after: 1, times: Infinity });
    const pipeline = start({ steps: ["true"], options: "--runners 3", variables });
    await happenings.until("runner online");
    const script = ["echo at work; sleep 6"];
    const step = { name: "Stranger", "runs-on": ["self.hosted", "linux.shell"], script };
    const stranger = bitbucket.startPipeline(JSON.stringify({ pipelines: { default: [{ step }] } }));
    await happenings.until("step output", { where: ({ pipelineUuid }) => pipelineUuid === stranger.uuid });
    Object.assign(bitbucket.settings, { runnerFault });
    faults.clear();
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.equal(exitCodeOf(pipeline), exitCode, log);
    assert.equal(stranger.result, "SUCCESSFUL", log);
    assertNothingLost(cloud, log);
  });
}

async function stoppedHalfWay(multiStep: boolean): Promise<void> {
  await inWorld({}, async ({ cloud, start }, folder) => {
    const steps = [meeting(folder, 2, "sleep 60"), meeting(folder, 2, "sleep 60"), "true"];
    const pipeline = start({ steps, parallel: true, multiStep, options: "--runners 2" });
    await eventually("both are at work", () => atWork(folder) >= 2 || undefined, 60_000);
    cloud.bitbucket.scheduler.stop(pipeline.uuid);
    await flowEnded(cloud, pipeline);
    const log = flowLog(cloud, pipeline);
    assert.equal(pipeline.result, "STOPPED", log);
    assertNothingLost(cloud, log);
  });
}

/** The calls that several runners share, or make one after the other. */
const SHARED_CALLS = [
  { call: "ListRunners", after: 1 },
  { call: "CreateRunner", after: 1 },
  { call: "UpdateRunner", after: 1 },
  { call: "GetRunner" },
  { call: "DeleteRunner", after: 1 },
  { call: "GetPipeline" },
  { call: "ListSteps" },
] as const;
const FAULTS = ["429", "500", "reset after", "hang after", "truncated"] as const;

flowTest(
  "one fault at a call that several runners share does not fail the flow, whichever call and fault",
  async () => {
    await sideBySide([...FAULTS.keys()], async (shift) => {
      await inWorld({}, async ({ cloud, start }, folder) => {
        const strikes = SHARED_CALLS.map((call, index) => ({
          ...call,
          kind: FAULTS[(index + shift) % FAULTS.length] ?? "500",
        }));
        for (const strike of strikes) cloud.faults.inject(strike);
        const steps = [1, 2].map(() => meeting(folder, 2));
        const pipeline = start({ steps, parallel: true, multiStep: true, options: "--runners 2" });
        await flowEnded(cloud, pipeline);
        const log = assertServed(cloud, pipeline);
        // Runners that come online at different moments are looked at one by one.
        const spared = SHARED_CALLS.filter(({ call }) =>
          !cloud.faults.struck.some((strike) => strike.call === call)
        );
        assert.deepEqual(spared.filter(({ call }) => call !== "ListRunners"), [], log);
      });
    });
  },
);

function atWork(folder: string): number {
  return [...Deno.readDirSync(folder)].length;
}
