import assert from "node:assert/strict";
import { CALL_NAMES, FAULT_KINDS, type FaultKind } from "../../scripts/local_cloud/server/faults.ts";
import type { LocalCloud } from "../../scripts/local_cloud/start_local_cloud.ts";
import { buildsOf, exitCodeOf, flowEnded } from "../../scripts/soak/flow.ts";
import { flowLog } from "../../scripts/soak/flow_log.ts";
import { leftoversOf } from "../../scripts/local_cloud/leftovers.ts";
import { needing } from "../fixtures/needing.ts";
import { NEEDED_TOOLS, sideBySide, withFlowWorld } from "./flow_world.ts";

type Call = typeof CALL_NAMES[number];

interface Strike {
  readonly call: Call;
  readonly kind: FaultKind;
  /** How many of these calls go well first. */
  readonly after?: number;
}

/** A refusal for want of rights passes only when somebody grants them. */
const PASSING = FAULT_KINDS.filter((kind) => kind !== "forbidden");
/** Flows at a time: most of them wait most of the time, for pauses and timeouts. */
const MOST_FLOWS = 16;

/** A Bitbucket that shows little and honours the older form alone: all its calls are needed. */
const TACITURN = { closeForm: "state", showsStep: false } as const;
const LONG_WAY = { steps: ["sleep 0.3", "true"], multiStep: true };

/** Made only where a flow fails, or hands secrets on sealed. */
const OTHER_CALLS: readonly Call[] = ["StopBuild", "GetLogEvents", "Encrypt", "Decrypt"];
const ALL_CALLS: readonly { call: Call; after?: number }[] = CALL_NAMES
  .filter((call) => !OTHER_CALLS.includes(call)).map((call) => ({ call }));
/** The agent's later looks at the runner: until it is online, after closing it, until it is idle. */
const LATER_CALLS = [1, 2, 3].map((after) => ({ call: "GetRunner", after } as const));
const GIVING_UP_CALLS =
  (["StopBuild", "GetLogEvents", "BatchGetBuilds", "ListRunners", "DeleteRunner"] as const)
    .map((call) => ({ call }));

Deno.test(
  needing(NEEDED_TOOLS, "one fault at a call of a whole flow does not fail it, whichever call and fault"),
  async () => {
    await sideBySide(
      [...flowsStriking(ALL_CALLS), ...flowsStriking(LATER_CALLS)],
      async (strikes) => {
        await withFlowWorld({ bitbucket: TACITURN }, async ({ cloud, start }) => {
          for (const strike of strikes) cloud.faults.inject(strike);
          const pipeline = start(LONG_WAY);
          await flowEnded(cloud, pipeline);
          const log = `${strikes.map(inWords).join(", ")}\n${flowLog(cloud, pipeline)}`;
          assert.deepEqual(spared(cloud, strikes), [], log);
          assert.equal(pipeline.result, "SUCCESSFUL", log);
          assert.equal(exitCodeOf(pipeline), 0, log);
          assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["SUCCEEDED"], log);
          assertOneOfEach(cloud, log);
          assert.deepEqual(leftoversOf(cloud), [], log);
        });
      },
      MOST_FLOWS,
    );
  },
);

Deno.test(
  needing(
    NEEDED_TOOLS,
    "one fault at a call of a flow that is given up leaves nothing behind, whichever call and fault",
  ),
  async () => {
    await sideBySide(flowsStriking(GIVING_UP_CALLS), async (strikes) => {
      await withFlowWorld({ bitbucket: { runnerFault: "never online" } }, async ({ cloud, start }) => {
        for (const strike of strikes) cloud.faults.inject(strike);
        const pipeline = start({ steps: ["true"], variables: { STARTUP_TIMEOUT: "10" } });
        await flowEnded(cloud, pipeline);
        const log = `${strikes.map(inWords).join(", ")}\n${flowLog(cloud, pipeline)}`;
        assert.deepEqual(spared(cloud, strikes), [], log);
        assert.equal(exitCodeOf(pipeline), 6, log);
        assert.equal(pipeline.result, "FAILED", log);
        assert.deepEqual(buildsOf(cloud, pipeline).map(({ status }) => status), ["STOPPED"], log);
        assertOneOfEach(cloud, log);
        assert.deepEqual(leftoversOf(cloud), [], log);
      });
    }, MOST_FLOWS);
  },
);

/** What is called only where start-runner registers the runner itself, and seals what it hands on. */
const SEALED_CALLS =
  (["Encrypt", "Decrypt", "CreateRunner", "UpdateRunner", "GetRunner", "ListRunners"] as const)
    .map((call) => ({ call }));

Deno.test(
  needing(
    NEEDED_TOOLS,
    "one fault at a call of a flow that hands on a sealed identity alone does not fail it",
  ),
  async () => {
    await sideBySide(flowsStriking(SEALED_CALLS), async (strikes) => {
      await withFlowWorld({ projects: [{ name: "bitbucket-runner" }] }, async ({ cloud, start }) => {
        for (const strike of strikes) cloud.faults.inject(strike);
        const variables = { RUNNER_CREDENTIALS: "runner", RUNNER_KMS_KEY: "alias/bitbucket-runner" };
        const pipeline = start({ steps: ["true"], variables });
        await flowEnded(cloud, pipeline);
        const log = `${strikes.map(inWords).join(", ")}\n${flowLog(cloud, pipeline)}`;
        assert.deepEqual(spared(cloud, strikes), [], log);
        assert.equal(pipeline.result, "SUCCESSFUL", log);
        assertOneOfEach(cloud, log);
        // Nobody in the build may remove it; the next start does.
        assert.deepEqual(cloud.bitbucket.runners.all.map(({ connection }) => connection), ["OFFLINE"], log);
      });
    }, MOST_FLOWS);
  },
);

interface Lasting {
  readonly call: Call;
  readonly exitCode: number;
  /** The build's end; undefined where none is started. */
  readonly build?: string;
  readonly says: RegExp;
  /** What cannot be removed while the fault lasts. */
  readonly left?: RegExp;
}

const LASTING: readonly Lasting[] = [
  { call: "AssumeRoleWithWebIdentity", exitCode: 4, says: /error: Cannot call AssumeRoleWithWebIdentity: / },
  { call: "StartBuild", exitCode: 4, says: /error: Cannot call StartBuild: / },
  // Nobody knows whether the runner is online, so that the build is left to its agent.
  { call: "BatchGetBuilds", exitCode: 6, build: "SUCCEEDED", says: /warning: Cannot call BatchGetBuilds: / },
  { call: "OAuthToken", exitCode: 5, build: "FAILED", says: /error: Cannot get an OAuth token: / },
  { call: "ListRunners", exitCode: 0, build: "SUCCEEDED", says: /warning: .*«list runners»/ },
  { call: "CreateRunner", exitCode: 5, build: "FAILED", says: /error: Cannot create runner: / },
  { call: "GetRunner", exitCode: 5, build: "FAILED", says: /error: Cannot get runner: / },
  { call: "UpdateRunner", exitCode: 0, build: "SUCCEEDED", says: /warning: Cannot close runner: / },
  { call: "UpdateRunnerState", exitCode: 0, build: "SUCCEEDED", says: /warning: Cannot close runner: / },
  {
    call: "DeleteRunner",
    exitCode: 0,
    build: "FAILED",
    says: /warning: Cannot delete runner: /,
    left: /^runner \S+-bitbuck\.\S+ is registered$/,
  },
  { call: "GetPipeline", exitCode: 0, build: "SUCCEEDED", says: /warning: Cannot get pipeline: / },
  { call: "ListSteps", exitCode: 0, build: "SUCCEEDED", says: /warning: Cannot list steps: / },
  { call: "ListPipelines", exitCode: 0, build: "SUCCEEDED", says: /warning: Cannot list pipelines: / },
];

Deno.test(
  needing(
    NEEDED_TOOLS,
    "a lasting fault at a call ends the flow in bounded time, with the call's name and nothing left",
  ),
  async () => {
    await sideBySide(LASTING, async (one) => {
      await withFlowWorld({ bitbucket: TACITURN }, async ({ cloud, start }) => {
        strikeForEver(cloud, one.call);
        const variables = {
          RUNNER_IDLE_TIMEOUT: "1",
          ...(one.call === "BatchGetBuilds" ? { STARTUP_TIMEOUT: "20" } : {}),
        };
        const pipeline = start({ ...LONG_WAY, variables });
        await flowEnded(cloud, pipeline);
        const log = `${one.call}\n${flowLog(cloud, pipeline)}`;
        assert.equal(exitCodeOf(pipeline), one.exitCode, log);
        assert.equal(pipeline.result, one.exitCode === 0 ? "SUCCESSFUL" : "FAILED", log);
        assert.match(log, one.says);
        assert.deepEqual(
          buildsOf(cloud, pipeline).map(({ status }) => status),
          one.build === undefined ? [] : [one.build],
          log,
        );
        assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
        const left = leftoversOf(cloud);
        assert.deepEqual(left.filter((what) => !one.left?.test(what)), [], log);
        if (one.left === undefined) return;
        assert.equal(left.length, 1, log);
        cloud.faults.clear();
        await flowEnded(cloud, start({ steps: ["sleep 8"] }));
        assert.deepEqual(leftoversOf(cloud), [], "the next build of the project removes it");
      });
    }, MOST_FLOWS);
  },
);

Deno.test(
  needing(
    NEEDED_TOOLS,
    "a lasting fault at the calls that follow a failure changes neither exit code nor what can be removed",
  ),
  async () => {
    await sideBySide(["StopBuild", "GetLogEvents"] as const, async (call) => {
      await withFlowWorld({ bitbucket: { runnerFault: "never online" } }, async ({ cloud, start }) => {
        strikeForEver(cloud, call);
        const pipeline = start({ steps: ["true"], variables: { STARTUP_TIMEOUT: "4" } });
        await cloud.bitbucket.scheduler.ended(pipeline.uuid);
        const log = flowLog(cloud, pipeline);
        assert.equal(exitCodeOf(pipeline), 6, log);
        assert.match(log, new RegExp(`Cannot call ${call}: `));
        if (call === "StopBuild") assert.match(log, /aws codebuild stop-build --id bitbucket-runner:/);
        else assert.deepEqual(leftoversOf(cloud), [], log);
      });
    });
  },
);

/** Bitbucket's calls are repeated without pauses this way; how long those are is tested elsewhere. */
function strikeForEver(cloud: LocalCloud, call: Call): void {
  const aws = CALL_NAMES.indexOf(call) < CALL_NAMES.indexOf("OAuthToken");
  const fault = aws ? { kind: "503" } as const : { kind: "429 with Retry-After", retryAfterS: 0 } as const;
  cloud.faults.inject({ call, ...fault, times: Infinity });
}

/** Flows in which each call meets another fault; over all of them each call meets each fault. */
function flowsStriking(calls: readonly { call: Call; after?: number }[]): Strike[][] {
  return PASSING.map((_, shift) =>
    calls.flatMap((call, index) => {
      const kind = PASSING[(index + shift) % PASSING.length];
      return kind !== undefined && makesSense(call.call, kind) ? [{ ...call, kind }] : [];
    })
  );
}

/** Bitbucket reports colliding updates of a runner; nothing else knows such a fault. */
function makesSense(call: Call, kind: FaultKind): boolean {
  return kind !== "conflict" || /^(Create|Update|Delete)Runner/.test(call);
}

/** The faults that never struck, which would make a test worthless. */
function spared(cloud: LocalCloud, strikes: readonly Strike[]): string[] {
  const struck = cloud.faults.struck.map(inWords);
  return strikes.map(inWords).filter((words) => !struck.includes(words));
}

/** One build and one runner in the end; a runner whose creation was not answered may have been registered and removed. */
function assertOneOfEach(cloud: LocalCloud, log: string): void {
  assert.equal(cloud.codeBuild.builds.length, 1, log);
  assert.ok(cloud.happenings.of("runner online").length <= 1, log);
  const unanswered = cloud.requests.all.filter(({ call, fault }) =>
    call === "CreateRunner" && fault !== undefined
  );
  assert.ok(cloud.happenings.of("runner registered").length <= 1 + unanswered.length, log);
  assert.deepEqual(cloud.bitbucket.cancelledSteps, [], log);
}

function inWords({ call, kind }: { readonly call: string; readonly kind: FaultKind }): string {
  return `«${kind}» at ${call}`;
}
