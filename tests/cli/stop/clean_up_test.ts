import assert from "node:assert/strict";
import { InterruptedError } from "../../../shared/program/errors.ts";
import { type AwsCall, type FakeAws, type Stage, startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { FakeBitbucket } from "../../fixtures/servers/fake_bitbucket.ts";
import { bitbucketEnvironment, runInProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const NAME = "00000000-0000-4000-8000-000000000001-ci";
const LONG_DEAD = { status: "OFFLINE", updated_on: "2026-01-01T00:00:00Z" };
const NEVER_READY = [{ phase: "PROVISIONING" }];

Deno.test("`start()` stops the build and removes its runner when the startup timeout passes", async () => {
  await using aws = startFakeAws({ stages: NEVER_READY });
  await using bitbucket = await FakeBitbucket.start();
  bitbucket.state.addRunner({ name: NAME });
  bitbucket.state.addRunner({ name: "somebody-else" });
  const env = stepEnvironment(aws, {
    STARTUP_TIMEOUT: "5",
    RUNNER_VERBOSE: "1",
    ...bitbucketEnvironment(bitbucket),
  });
  const { code, stderr } = await runInProcess(env, { speed: 10 });
  assert.equal(code, 6, stderr);
  assert.equal(aws.running().length, 0);
  assert.deepEqual(bitbucket.state.runners.map(({ name }) => name), ["somebody-else"]);
  assert.match(stderr, /Build ci:\S+ has ended: STOPPED/);
  assert.match(stderr, /Bitbucket requests: \d+/);
  assert.match(stderr, /error: The runner was not online within 5 s: build ci:\S+ is in PROVISIONING/);
  assert.match(stderr, /hint: provisioning takes minutes/);
});

Deno.test("`start()` removes all that its build has registered of several runners when the startup timeout passes", async () => {
  await using aws = startFakeAws({ stages: NEVER_READY });
  await using bitbucket = await FakeBitbucket.start();
  const uuid = NAME.slice(0, 36);
  for (const name of [NAME, `${uuid}.2-ci`, `${uuid}.3-ci`, `${uuid}.2-other`]) {
    bitbucket.state.addRunner({ name });
  }
  const env = stepEnvironment(aws, {
    STARTUP_TIMEOUT: "5",
    RUNNER_COUNT: "4",
    ...bitbucketEnvironment(bitbucket),
  });
  const { code, stderr } = await runInProcess(env, { speed: 10 });
  assert.equal(code, 6, stderr);
  assert.deepEqual(bitbucket.state.runners.map(({ name }) => name), [`${uuid}.2-other`]);
});

Deno.test("`start()` removes a runner whose registration was under way when the build was stopped", async () => {
  await using aws = startFakeAws({ stages: NEVER_READY });
  await using bitbucket = await FakeBitbucket.start();
  let lists = 0;
  bitbucket.beforeAnswer = (route) => {
    if (route !== "list runners") return;
    lists++;
    if (lists === 2) bitbucket.state.addRunner({ name: NAME });
  };
  const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "5", ...bitbucketEnvironment(bitbucket) });
  const { code, stderr } = await runInProcess(env, { speed: 10 });
  assert.equal(code, 6, stderr);
  assert.equal(lists, 2);
  assert.deepEqual(bitbucket.state.runners, []);
});

Deno.test("`start()` says who removes the runner when it has no Bitbucket credentials", async () => {
  await using aws = startFakeAws({ stages: NEVER_READY });
  const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "5" });
  const { code, stderr } = await runInProcess(env, { speed: 10 });
  assert.equal(code, 6);
  assert.match(stderr, /If runner \S+-ci is registered, the next agent of this project removes it/);
});

Deno.test("`start()` removes the runner of a build that ended on its own", async () => {
  await using aws = startFakeAws({ stages: [{ ended: "FAULT", phase: "PRE_BUILD" }] });
  await using bitbucket = await FakeBitbucket.start();
  bitbucket.state.addRunner({ name: NAME });
  const { code } = await runInProcess(stepEnvironment(aws, bitbucketEnvironment(bitbucket)), { speed: 10 });
  assert.equal(code, 5);
  assert.deepEqual(bitbucket.state.runners, []);
});

Deno.test("`start()` keeps its own failure when Bitbucket does not let it clean up", async () => {
  await using aws = startFakeAws({ stages: [{ ended: "FAILED", phase: "INSTALL" }] });
  await using bitbucket = await FakeBitbucket.start();
  bitbucket.plan({ route: "token", fault: { kind: "status", status: 401 }, times: 99 });
  // Where the build is to get them, they would be tried before it is there.
  const env = stepEnvironment(aws, { RUNNER_CREDENTIALS: "project", ...bitbucketEnvironment(bitbucket) });
  const { code, stderr } = await runInProcess(env, { speed: 10 });
  assert.equal(code, 5, stderr);
  assert.match(stderr, /warning: Cannot remove runner \S+-ci: .*; the next agent of this project removes it/);
});

const MOMENTS: readonly (readonly [string, AwsCall, readonly AwsCall[]])[] = [
  ["while the role is assumed", "AssumeRoleWithWebIdentity", []],
  ["while StartBuild is under way", "StartBuild", ["StopBuild"]],
  ["while the build is waited for", "BatchGetBuilds", ["StopBuild"]],
];
for (const [moment, call, needed] of MOMENTS) {
  for (const [name, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    Deno.test(`\`start()\` leaves nothing behind when ${name} comes ${moment}`, async () => {
      const interruption = new AbortController();
      await using aws = startFakeAws({
        stages: NEVER_READY,
        beforeAnswer: (one) => {
          if (one === call) interruption.abort(new InterruptedError(name));
        },
      });
      await using bitbucket = await FakeBitbucket.start();
      bitbucket.state.addRunner({ name: NAME });
      const env = stepEnvironment(aws, bitbucketEnvironment(bitbucket));
      const run = await runInProcess(env, { signal: interruption.signal, speed: 10 });
      assert.equal(run.code, code, run.stderr);
      assert.match(run.stderr, new RegExp(`^error: Interrupted by ${name}$`, "m"));
      assert.equal(aws.running().length, 0);
      for (const one of needed) assert.ok(aws.names().includes(one));
      if (needed.length > 0) assert.deepEqual(bitbucket.state.runners, []);
    });
  }
}

Deno.test("`start()` learns the build to stop even though StartBuild's answer was lost under the signal", async () => {
  const interruption = new AbortController();
  await using aws = startFakeAws({
    stages: NEVER_READY,
    faults: { StartBuild: ["reset after"] },
    beforeAnswer: (call) => {
      if (call === "StartBuild") interruption.abort(new InterruptedError("SIGTERM"));
    },
  });
  const { code } = await runInProcess(stepEnvironment(aws), { signal: interruption.signal, speed: 10 });
  assert.equal(code, 143);
  assert.equal(aws.builds.length, 1);
  assert.equal(aws.running().length, 0);
});

Deno.test("`start()` ends a wait for capacity at once when a signal comes", async () => {
  const interruption = new AbortController();
  await using aws = startFakeAws({
    lasting: { StartBuild: { error: "AccountLimitExceededException" } },
    beforeAnswer: (call) => {
      if (call === "StartBuild") interruption.abort(new InterruptedError("SIGINT"));
    },
  });
  const { code } = await runInProcess(stepEnvironment(aws), { signal: interruption.signal, speed: 1 });
  assert.equal(code, 130);
  assert.deepEqual(aws.builds, []);
});

for (const fault of ["reset", "reset after", "html", "empty object", "hang"] as const) {
  Deno.test(`\`start()\` stops the build although StopBuild meets «${fault}» once`, async () => {
    await using aws = startFakeAws({ stages: NEVER_READY, faults: { StopBuild: [fault] } });
    const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "5" });
    const { code, stderr } = await runInProcess(env, { speed: 10 });
    assert.equal(code, 6, stderr);
    assert.equal(aws.running().length, 0);
  });
}

Deno.test("`start()` says how to stop a build that it could not stop", async () => {
  await using aws = startFakeAws({
    stages: NEVER_READY,
    lasting: { StopBuild: { error: "AccessDeniedException" } },
  });
  const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "5" });
  const { code, stderr } = await runInProcess(env, { speed: 10 });
  assert.equal(code, 6);
  assert.match(stderr, /aws codebuild stop-build --id ci:0/);
});

Deno.test("`start()` does not wait for the end of a build that it may not look at", async () => {
  await using aws = startFakeAws({
    lasting: { BatchGetBuilds: { error: "AccessDeniedException" } },
    stoppedAs: { phase: "PROVISIONING" },
  });
  const { code, stderr, sleeps } = await runInProcess(stepEnvironment(aws), { speed: 10 });
  assert.equal(code, 3, stderr);
  assert.equal(aws.running().length, 0);
  assert.match(stderr, /Build ci:\S+ is being stopped; whether it has ended cannot be seen/);
  assert.equal(aws.names().filter((call) => call === "BatchGetBuilds").length, 3);
  assert.equal(sleeps.filter((ms) => ms === 1_500).length, 1, `${sleeps}`);
});

Deno.test("`start()` leaves the runners of other builds to the agents", async () => {
  await using aws = startFakeAws({ stages: [{ phase: "PROVISIONING" }, { phase: "BUILD" }] });
  await using bitbucket = await FakeBitbucket.start();
  bitbucket.state.addRunner({ name: "99999999-0000-4000-8000-000000000009-ci", state: LONG_DEAD });
  const { code, stderr } = await runInProcess(stepEnvironment(aws, bitbucketEnvironment(bitbucket)));
  assert.equal(code, 0, stderr);
  const asked = bitbucket.requests.map(({ route }) => route);
  assert.deepEqual(asked, ["token"], "a start that goes well asks only whether its credentials are good");
  assert.ok(!environmentOf(aws).includes("SWEEP_LEFTOVERS"));
});

const PREPARED = ["SUBMITTED", "QUEUED", "PROVISIONING", "INSTALL", "PRE_BUILD"];
/** What a look shows that comes after the one that has ended the wait. */
const LATER_STAGES: readonly (readonly [string, Stage])[] = [
  ["in BUILD", { phase: "BUILD", done: PREPARED }],
  ["past BUILD", { phase: "POST_BUILD", done: [...PREPARED, "BUILD"] }],
  ["between PRE_BUILD and BUILD", { phase: "PRE_BUILD", done: PREPARED }],
];
const ENDS = { SIGINT: 130, SIGTERM: 143, "the startup timeout": 6 } as const;

for (const [end, code] of Object.entries(ENDS)) {
  for (const [where, later] of LATER_STAGES) {
    Deno.test(`\`start()\` leaves a build ${where} to its agent, as a fresh look after ${end} shows it`, async () => {
      const interruption = new AbortController();
      let looks = 0;
      await using aws = startFakeAws({
        stages: [{ phase: "PRE_BUILD" }, later],
        beforeAnswer: (call) => {
          if (call === "BatchGetBuilds" && ++looks === 1 && code !== 6) {
            interruption.abort(new InterruptedError(end as "SIGINT" | "SIGTERM"));
          }
        },
      });
      await using bitbucket = await FakeBitbucket.start();
      bitbucket.state.addRunner({ name: NAME, state: { ...LONG_DEAD, status: "ONLINE" } });
      // The timeout passes between the first look and the second.
      const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "1", ...bitbucketEnvironment(bitbucket) });
      const run = await runInProcess(env, { signal: interruption.signal, speed: 5 });
      assert.equal(run.code, code, run.stderr);
      assert.ok(!aws.names().includes("StopBuild"), run.stderr);
      assert.deepEqual(bitbucket.state.runners.map(({ name }) => name), [NAME]);
      assert.match(
        run.stderr,
        /Build ci:\S+ is not stopped, since its runner is online: it is left to its agent, .* no step for its idle timeout/,
      );
    });
  }
}

Deno.test("`start()` leaves a build alone that was in PRE_BUILD when CodeBuild ceased to tell", async () => {
  await using aws = startFakeAws({
    stages: [{ phase: "PRE_BUILD" }],
    faults: { BatchGetBuilds: [undefined] },
    lasting: { BatchGetBuilds: { error: "InternalFailure", status: 500 } },
  });
  const { code, stderr } = await runInProcess(stepEnvironment(aws, { STARTUP_TIMEOUT: "3" }), { speed: 5 });
  assert.equal(code, 6, stderr);
  assert.ok(!aws.names().includes("StopBuild"), stderr);
  assert.match(stderr, /is not stopped, since CodeBuild does not tell whether its runner is online/);
});

Deno.test("`start()` gives a look at the build before it is stopped 5 s", async () => {
  const interruption = new AbortController();
  await using aws = startFakeAws({
    stages: NEVER_READY,
    faults: { BatchGetBuilds: [undefined] },
    lasting: { BatchGetBuilds: "hang" },
    beforeAnswer: (call) => {
      if (call === "BatchGetBuilds") interruption.abort(new InterruptedError("SIGTERM"));
    },
  });
  const env = stepEnvironment(aws, { API_TIMEOUT: "300" });
  const { code, stderr, sleeps } = await runInProcess(env, { signal: interruption.signal, speed: 10 });
  assert.equal(code, 143, stderr);
  assert.ok(sleeps.includes(5_000));
  assert.ok(aws.names().includes("StopBuild"), "it was in PROVISIONING a moment ago");
});

Deno.test("`start()` says so when it has stopped a build whose runner had just come online", async () => {
  const online: Stage = { ended: "STOPPED", phase: "BUILD", done: PREPARED };
  await using aws = startFakeAws({ stages: NEVER_READY, stoppedAs: online });
  const { code, stderr } = await runInProcess(stepEnvironment(aws, { STARTUP_TIMEOUT: "3" }), { speed: 5 });
  assert.equal(code, 6, stderr);
  assert.match(stderr, /warning: Build ci:\S+ was stopped just as its runner had come online/);
});

Deno.test("`start()` removes a stopped build's runner within 10 s after a signal, or leaves it", async () => {
  const interruption = new AbortController();
  await using aws = startFakeAws({
    stages: NEVER_READY,
    beforeAnswer: (call) => {
      if (call === "BatchGetBuilds") interruption.abort(new InterruptedError("SIGTERM"));
    },
  });
  await using bitbucket = await FakeBitbucket.start();
  bitbucket.plan({ route: "list runners", fault: { kind: "hang", acted: false }, times: 99 });
  const env = stepEnvironment(aws, { API_TIMEOUT: "300", ...bitbucketEnvironment(bitbucket) });
  const { code, stderr } = await runInProcess(env, { signal: interruption.signal, speed: 20 });
  assert.equal(code, 143, stderr);
  assert.match(
    stderr,
    /Cannot remove runner \S+: Bitbucket has taken longer than 10 s; the next agent of this/,
  );
});

Deno.test("`start()` leaves a busy runner alone while its build is not known to have ended", async () => {
  await using aws = startFakeAws({
    stages: NEVER_READY,
    stopTakesForEver: true,
  });
  await using bitbucket = await FakeBitbucket.start();
  const state = { status: "ONLINE", updated_on: "2026-01-01T00:00:00Z", step: { uuid: "{step}" } };
  bitbucket.state.addRunner({ name: NAME, state });
  const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "5", ...bitbucketEnvironment(bitbucket) });
  const { code, stderr } = await runInProcess(env, { speed: 10 });
  assert.equal(code, 6, stderr);
  assert.match(stderr, /is being stopped, but was not seen to end within 25 s/);
  assert.deepEqual(bitbucket.state.runners.map(({ name }) => name), [NAME]);
});

/** Names of the variables that the build was started with. */
function environmentOf(aws: FakeAws): string[] {
  const input = aws.calls.find(({ call }) => call === "StartBuild")?.input;
  return (input?.["environmentVariablesOverride"] as { name: string }[]).map(({ name }) => name);
}
