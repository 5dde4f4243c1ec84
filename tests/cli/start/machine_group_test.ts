import assert from "node:assert/strict";
import { InterruptedError } from "../../../shared/program/errors.ts";
import {
  type AwsCall,
  type FakeAws,
  type FakeAwsOptions,
  type Fault,
  type Stage,
  startFakeAws,
} from "../../fixtures/servers/fake_aws.ts";
import { machineOf } from "../../fixtures/servers/fake_codebuild.ts";
import { FakeBitbucket } from "../../fixtures/servers/fake_bitbucket.ts";
import {
  bitbucketEnvironment,
  type InProcessOptions,
  type Run,
  runInProcess,
  stepEnvironment,
} from "../../fixtures/programs/start_runner.ts";

const PREPARED = ["SUBMITTED", "QUEUED", "PROVISIONING", "INSTALL", "PRE_BUILD"];
const QUEUED: Stage = { phase: "QUEUED" };
const PROVISIONING: Stage = { phase: "PROVISIONING", done: ["SUBMITTED", "QUEUED"] };
const ONLINE: Stage = { phase: "BUILD", done: PREPARED };
const READY: readonly Stage[] = [QUEUED, PROVISIONING, ONLINE];
const FAILED: Stage = { ended: "FAILED", phase: "INSTALL" };
const AT_LIMIT: Fault = {
  error: "AccountLimitExceededException",
  message: "Cannot have more than 1 builds in queue for the account",
};

interface Scene extends InProcessOptions {
  readonly env?: Record<string, string>;
  readonly machines?: number;
}

async function play(
  options: FakeAwsOptions,
  { env, machines = 4, ...how }: Scene,
  judge: (run: Run, aws: FakeAws) => void | Promise<void>,
): Promise<void> {
  await using aws = startFakeAws(options);
  const all = stepEnvironment(aws, { ...env, RUNNER_MACHINES: `${machines}` });
  await judge(await runInProcess(all, { speed: 20, ...how }), aws);
}

function inputs(aws: FakeAws, call: AwsCall): Record<string, unknown>[] {
  return aws.calls.filter((one) => one.call === call).map(({ input }) => input);
}

function tokens(aws: FakeAws): unknown[] {
  return inputs(aws, "StartBuild").map(({ idempotencyToken }) => idempotencyToken).sort();
}

/** Machines by number whose builds run. */
function running(aws: FakeAws): number[] {
  return aws.running().map(machineOf).sort((a, b) => a - b);
}

Deno.test("several machines come online with one request for each look, as many as a single one takes", async () => {
  const looks: Record<number, number> = {};
  for (const machines of [1, 12]) {
    await play({ stages: READY }, { machines }, ({ code, stderr }, aws) => {
      assert.equal(code, 0, stderr);
      const asked = inputs(aws, "BatchGetBuilds").map(({ ids }) => (ids as string[]).length);
      assert.deepEqual([...new Set(asked)], [machines], stderr);
      looks[machines] = asked.length;
      assert.equal(aws.builds.length, machines);
    });
  }
  assert.equal(looks[12], looks[1]);
});

Deno.test("each machine has a token of its own, the same when the step asks again, and the first one that of a single", async () => {
  const seen: unknown[][] = [];
  for (const machines of [4, 4, 1]) {
    await play({ stages: READY }, { machines }, (_, aws) => void seen.push(tokens(aws)));
  }
  const [first = [], again, single] = seen;
  assert.equal(new Set(first).size, 4);
  assert.deepEqual(again, first);
  assert.ok(first.includes(single?.[0]));
});

Deno.test("at most four builds are started at the same time", async () => {
  let atOnce = 0;
  let most = 0;
  const beforeAnswer = async (call: AwsCall) => {
    if (call !== "StartBuild") return;
    most = Math.max(most, ++atOnce);
    await new Promise((resolve) => setTimeout(resolve, 20));
    atOnce--;
  };
  await play({ stages: READY, beforeAnswer }, { machines: 11 }, ({ code }, aws) => {
    assert.deepEqual([code, aws.builds.length, most], [0, 11, 4]);
  });
});

Deno.test("stdout, the record and the log have every machine, and what is told of one is the first one's", async () => {
  const path = await Deno.makeTempFile();
  const env = { RUNNER_OUTPUT: path, LOG_FORMAT: "json" };
  await play({ stages: READY }, { machines: 3, env }, ({ stdout, stderr }, aws) => {
    const ids = aws.builds.toSorted((a, b) => machineOf(a) - machineOf(b)).map(({ id }) => id);
    const { build, builds, ...result } = JSON.parse(stdout);
    assert.deepEqual([build, result.labels?.length], [ids[0], 3]);
    assert.deepEqual(builds.map((one: { build: string }) => one.build), ids);
    const record = JSON.parse(Deno.readTextFileSync(path));
    assert.deepEqual([record.state, record.build, record.builds], ["online", ids[0], builds]);
    assert.deepEqual(Object.keys(builds[0]).sort(), ["build", "link", "runner", "runners"]);
    const events = stderr.trim().split("\n").map((line) => JSON.parse(line));
    const ended = events.filter(({ phase, durationS }) => phase === "PRE_BUILD" && durationS);
    assert.deepEqual(
      ended.map((event) => [event.machine, event.build]),
      ids.map((id, index) => [index + 1, id]),
    );
  });
  await Deno.remove(path);
  await play({ stages: READY }, { machines: 2 }, ({ stdout, stderr }) => {
    assert.equal(stdout.match(/^(Runner online|Build): /gm)?.length, 4);
    assert.match(stderr, /Z Machine 2: provisioning 2 s\n/);
    assert.match(stderr, /Waited \d+ s for 2 machines, for the last one: /);
    assert.match(stderr, /They cost about \$0\.02 a minute, \$0\.01 each: list price/);
    assert.match(stderr, /Each of them serves one step/);
  });
});

Deno.test("a machine whose build ends takes the others down, except those that are online, and the failure names it", async () => {
  const stages = [PROVISIONING, PROVISIONING, PROVISIONING, ONLINE];
  const stagesOf = { 2: [PROVISIONING, FAILED], 3: [ONLINE] };
  await play({ stages, stagesOf, logLines: ["the log's line"] }, {}, ({ code, stderr }, aws) => {
    assert.equal(code, 5, stderr);
    assert.deepEqual(running(aws), [3], stderr);
    assert.equal(inputs(aws, "StopBuild").length, 2);
    const build = aws.builds.find((one) => machineOf(one) === 2)?.id;
    assert.match(
      stderr,
      new RegExp(`^error: Machine 2 of 4: Build ${build} ended with FAILED in phase INSTALL`, "m"),
    );
    assert.equal(stderr.match(/the log's line/g)?.length, 1);
    assert.match(stderr, /warning: 1 of 4 machines are online and run on, .*: ci:\S+3$/m);
    assert.equal(stderr.match(/^error: /gm)?.length, 1);
  });
});

Deno.test("what the agent says of a failed machine comes with the machine and its build", async () => {
  const stagesOf = { 2: [{ ...FAILED, phase: "PRE_BUILD" }] };
  const logLines = ["error: no Java", "hint: take another image"];
  await play({ stages: READY, stagesOf, logLines }, { machines: 2 }, ({ code, stderr }) => {
    assert.equal(code, 5);
    assert.match(stderr, /^error: Machine 2 of 2, build ci:\S+2: no Java\nhint: take another image$/m);
  });
});

Deno.test("a StartBuild that is refused stops what has been started, and says how many were not", async () => {
  const faults = { StartBuild: [undefined, undefined, { error: "AccessDeniedException", message: "no" }] };
  await play({ stages: [PROVISIONING], faults }, { machines: 9 }, ({ code, stderr }, aws) => {
    assert.equal(code, 3, stderr);
    assert.deepEqual(running(aws), []);
    assert.match(stderr, /^error: Machine \d of 9: Cannot call StartBuild: .*AccessDenied/m);
    assert.match(stderr, /warning: \d of 9 machines were not started$/m);
    assert.ok(aws.builds.length <= 4, stderr);
  });
});

Deno.test("at a limit one machine waits after the other, with what is online going on, and each gets its build", async () => {
  const faults = { StartBuild: [undefined, undefined, ...Array.from({ length: 8 }, () => AT_LIMIT)] };
  await play({ stages: READY, faults }, { machines: 8, speed: 400 }, ({ code, stderr }, aws) => {
    assert.equal(code, 0, stderr);
    assert.equal(aws.builds.length, 8);
    // Four at once were refused before one of them was waiting: the others wait for it.
    const waiting = [...stderr.matchAll(/Machine (\d): At a concurrent-build limit: .*; attempt (\d)/g)];
    const order = waiting.map((match) => match[1]);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
      "one after the other",
    );
    const online = stderr.indexOf("Machine 1: runner 2 s");
    assert.ok(online !== -1 && online < stderr.lastIndexOf("At a concurrent-build limit"), stderr);
  });
});

Deno.test("all machines together wait for room no longer than the capacity timeout, and the failure says how many run", async () => {
  const options: FakeAwsOptions = {
    stages: READY,
    faults: { StartBuild: [undefined, undefined] },
    lasting: { StartBuild: AT_LIMIT },
  };
  const env = { CODEBUILD_CAPACITY_TIMEOUT: "40" };
  const begunMs = performance.now();
  await play(options, { machines: 6, env, speed: 50 }, ({ code, stderr }, aws) => {
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /^error: Machine \d of 6: Cannot start a build within 40 s: .*AccountLimitExceeded/m,
    );
    assert.match(
      stderr,
      /^hint: raise --capacity-timeout.*; 2 of the 6 machines were started, and count towards/m,
    );
    assert.match(stderr, /warning: 2 of 6 machines are online and run on/);
    assert.match(stderr, /warning: 4 of 6 machines were not started/);
    assert.deepEqual(running(aws).length, 2);
    assert.ok(performance.now() - begunMs < 2 * 40_000 / 50 + 1500);
  });
});

Deno.test("machines that begin late, since others had to wait, have no longer than those", async () => {
  // Every other request finds room, so that no machine waits for long, but all of them together do.
  const some = (_: unknown, index: number) => index % 2 === 1 ? undefined : AT_LIMIT;
  const options: FakeAwsOptions = {
    stages: READY,
    faults: { StartBuild: Array.from({ length: 120 }, some) },
    lasting: { StartBuild: AT_LIMIT },
  };
  const env = { CODEBUILD_CAPACITY_TIMEOUT: "30" };
  await play(options, { machines: 50, env, speed: 100 }, ({ code, stderr }) => {
    assert.equal(code, 4, stderr);
    const pauses = [...stderr.matchAll(/retrying in (\d+) s/g)].map((match) => Number(match[1]));
    const waitedS = pauses.reduce((sum, one) => sum + one, 0);
    assert.ok(waitedS <= 30 + pauses.length, `${pauses}`);
  });
});

Deno.test("a build that ends while others wait for room ends the wait", async () => {
  const options: FakeAwsOptions = {
    stages: READY,
    stagesOf: { 1: [PROVISIONING, FAILED], 2: [PROVISIONING, FAILED], 3: [PROVISIONING, FAILED] },
    faults: { StartBuild: [undefined, undefined] },
    lasting: { StartBuild: AT_LIMIT },
  };
  await play(options, { machines: 3, speed: 50 }, ({ code, stderr }, aws) => {
    assert.equal(code, 5, stderr);
    assert.deepEqual(running(aws), []);
    assert.match(stderr, /^error: Machine \d of 3: Build \S+ ended with FAILED/m);
    assert.match(stderr, /warning: 1 of 3 machines were not started/);
  });
});

Deno.test("a machine that is late ends the start with 6, and is stopped with its fellows", async () => {
  const stagesOf = { 2: [PROVISIONING], 3: [ONLINE] };
  const env = { STARTUP_TIMEOUT: "30" };
  await play(
    { stages: [QUEUED, PROVISIONING, ONLINE], stagesOf },
    { machines: 3, env },
    ({ code, stderr }, aws) => {
      assert.equal(code, 6, stderr);
      assert.match(
        stderr,
        /^error: Machine 2 of 3: The runner was not online within 30 s: build \S+2 is in PROVISIONING/m,
      );
      assert.deepEqual(running(aws), [1, 3]);
    },
  );
});

Deno.test("a signal stops all machines that are not online, at whichever call it comes", async () => {
  const moments: readonly (readonly [AwsCall, number])[] = [
    ["AssumeRoleWithWebIdentity", 1],
    ["StartBuild", 1],
    ["StartBuild", 4],
    ["StartBuild", 6],
    ["BatchGetBuilds", 1],
    ["BatchGetBuilds", 2],
  ];
  await Promise.all(moments.map(async ([call, count]) => {
    const stop = new AbortController();
    let met = 0;
    const options: FakeAwsOptions = {
      stages: [QUEUED, PROVISIONING],
      beforeAnswer: (one) => {
        if (one === call && ++met === count) stop.abort(new InterruptedError("SIGTERM"));
      },
    };
    await play(options, { machines: 6, signal: stop.signal }, ({ code, stderr }, aws) => {
      const moment = `${call} ${count}: ${stderr}`;
      assert.equal(code, 143, moment);
      assert.deepEqual(running(aws), [], moment);
      assert.equal(aws.builds.filter(({ stopped }) => stopped).length, aws.builds.length, moment);
    });
  }));
});

const FAULTS: readonly Fault[] = [
  "reset",
  "reset after",
  "hang",
  "html 500",
  "truncated",
  { error: "ThrottlingException", message: "Rate exceeded" },
];

Deno.test("one fault at any StartBuild starts no build too many, and none too few", async () => {
  const places = [0, 1, 2, 3, 4].flatMap((place) => FAULTS.map((fault) => ({ place, fault })));
  await Promise.all(places.map(async ({ place, fault }) => {
    const faults = { StartBuild: [...Array.from({ length: place }, () => undefined), fault] };
    await play({ stages: READY, faults }, { machines: 5 }, ({ code, stderr }, aws) => {
      assert.equal(code, 0, `${JSON.stringify(fault)} at ${place}: ${stderr}`);
      assert.deepEqual(running(aws), [1, 2, 3, 4, 5]);
    });
  }));
});

Deno.test("builds of which no answer has arrived are each found for their own machine", async () => {
  await play(
    { stages: READY, lasting: { StartBuild: "reset after" } },
    {},
    ({ code, stdout, stderr }, aws) => {
      assert.equal(code, 0, stderr);
      assert.deepEqual(running(aws), [1, 2, 3, 4]);
      assert.equal(new Set(stdout.match(/^Build: .*$/gm)).size, 4, stdout);
    },
  );
});

Deno.test("looks that fail for a while end nothing, and are said once for all machines", async () => {
  const faults = {
    BatchGetBuilds: Array.from({ length: 5 }, (): Fault => ({ error: "Broken", status: 500 })),
  };
  await play({ stages: READY, faults }, { speed: 100 }, ({ code, stderr }) => {
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/looking again later/g)?.length, 1, stderr);
  });
});

Deno.test("in mode runner each machine has a runner of its own, and those of machines that fail are removed", async () => {
  for (const fails of [false, true]) {
    await using bitbucket = await FakeBitbucket.start();
    const online = () => bitbucket.state.runners.forEach((runner) => runner.state.status = "ONLINE");
    const options: FakeAwsOptions = {
      // The first machine looks at the others too, when it removes what dead builds have left.
      stages: fails ? [PROVISIONING] : [PROVISIONING, PROVISIONING, ONLINE],
      stagesOf: fails ? { 3: [FAILED] } : {},
      beforeAnswer: (call) => call === "BatchGetBuilds" && !fails ? online() : undefined,
    };
    const env = { ...bitbucketEnvironment(bitbucket), RUNNER_CREDENTIALS: "runner" };
    await play(options, { machines: 3, env }, ({ code, stderr }, aws) => {
      assert.equal(code, fails ? 5 : 0, stderr);
      const names = bitbucket.state.runners.map(({ name }) => name).sort();
      const expected = fails ? [] : aws.builds.map(({ id }) => `${id.split(":")[1]}-ci`).sort();
      assert.deepEqual(names, expected, stderr);
      const identities = inputs(aws, "StartBuild").map((input) =>
        (input["environmentVariablesOverride"] as { name: string; value: string }[])
          .find(({ name }) => name === "RUNNER_IDENTITY")?.value
      );
      assert.equal(new Set(identities).size, 3);
      assert.equal(bitbucket.count("list runners"), 1, "one of them removes what dead builds have left");
    });
  }
});

Deno.test("runners of agents that were stopped are removed by one list for all machines", async () => {
  await using bitbucket = await FakeBitbucket.start();
  const env = { ...bitbucketEnvironment(bitbucket), RUNNER_CREDENTIALS: "project" };
  const options = { stages: [PROVISIONING], stagesOf: { 5: [FAILED] } };
  await play(options, { machines: 5, env }, ({ code, stderr }) => {
    assert.equal(code, 5, stderr);
    assert.equal(
      bitbucket.count("list runners"),
      2,
      "one, and a second look for what may have been on its way",
    );
  });
});
