import assert from "node:assert/strict";
import { InterruptedError } from "../../../shared/program/errors.ts";
import { type AwsCall, startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { FakeBitbucket } from "../../fixtures/servers/fake_bitbucket.ts";
import { bitbucketEnvironment, runInProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const NAME = "00000000-0000-4000-8000-000000000001-ci";
const NEVER_READY = [{ phase: "PROVISIONING" }];

Deno.test("`start()` stops the build and removes its runner when the startup timeout passes", async () => {
  await using aws = startFakeAws({ stages: NEVER_READY });
  await using bitbucket = await FakeBitbucket.start();
  bitbucket.state.addRunner({ name: NAME });
  bitbucket.state.addRunner({ name: "somebody-else" });
  const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "30", ...bitbucketEnvironment(bitbucket) });
  const { code, stderr } = await runInProcess(env, { speed: 50 });
  assert.equal(code, 6, stderr);
  assert.equal(aws.running().length, 0);
  assert.deepEqual(bitbucket.state.runners.map(({ name }) => name), ["somebody-else"]);
  assert.match(stderr, /Build ci:\S+ has ended: STOPPED/);
  assert.match(stderr, /Bitbucket requests: \d+/);
  assert.match(stderr, /error: The runner was not online within 30 s: build ci:\S+ is in PROVISIONING/);
  assert.match(stderr, /hint: provisioning takes minutes/);
});

Deno.test("`start()` removes a runner whose registration was under way when the build was stopped", async () => {
  await using aws = startFakeAws({ stages: NEVER_READY });
  await using bitbucket = await FakeBitbucket.start();
  let lists = 0;
  bitbucket.beforeAnswer = (route) => {
    if (route !== "list runners") return;
    lists++;
    // The first list is that of the leftovers, the second that after the build's end.
    if (lists === 3) bitbucket.state.addRunner({ name: NAME });
  };
  const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "30", ...bitbucketEnvironment(bitbucket) });
  const { code, stderr } = await runInProcess(env, { speed: 50 });
  assert.equal(code, 6, stderr);
  assert.equal(lists, 3);
  assert.deepEqual(bitbucket.state.runners, []);
});

Deno.test("`start()` says who removes the runner when it has no Bitbucket credentials", async () => {
  await using aws = startFakeAws({ stages: NEVER_READY });
  const { code, stderr } = await runInProcess(stepEnvironment(aws, { STARTUP_TIMEOUT: "10" }));
  assert.equal(code, 6);
  assert.match(stderr, /If runner \S+-ci is registered, the next agent of this project removes it/);
});

Deno.test("`start()` removes the runner of a build that ended on its own", async () => {
  await using aws = startFakeAws({ stages: [{ ended: "FAULT", phase: "PRE_BUILD" }] });
  await using bitbucket = await FakeBitbucket.start();
  bitbucket.state.addRunner({ name: NAME });
  const { code } = await runInProcess(stepEnvironment(aws, bitbucketEnvironment(bitbucket)), { speed: 50 });
  assert.equal(code, 5);
  assert.deepEqual(bitbucket.state.runners, []);
});

Deno.test("`start()` keeps its own failure when Bitbucket does not let it clean up", async () => {
  await using aws = startFakeAws({ stages: [{ ended: "FAILED", phase: "INSTALL" }] });
  await using bitbucket = await FakeBitbucket.start();
  bitbucket.plan({ route: "token", fault: { kind: "status", status: 401 }, times: 99 });
  const { code, stderr } = await runInProcess(stepEnvironment(aws, bitbucketEnvironment(bitbucket)), {
    speed: 50,
  });
  assert.equal(code, 5, stderr);
  assert.match(stderr, /warning: Cannot remove runner \S+-ci/);
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
      const run = await runInProcess(env, { signal: interruption.signal, speed: 50 });
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
    faults: { StartBuild: ["reset after"] },
    beforeAnswer: (call) => {
      if (call === "StartBuild") interruption.abort(new InterruptedError("SIGTERM"));
    },
  });
  const { code } = await runInProcess(stepEnvironment(aws), { signal: interruption.signal });
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
    const { code, stderr } = await runInProcess(stepEnvironment(aws, { STARTUP_TIMEOUT: "10" }));
    assert.equal(code, 6, stderr);
    assert.equal(aws.running().length, 0);
  });
}

Deno.test("`start()` says how to stop a build that it could not stop", async () => {
  await using aws = startFakeAws({
    stages: NEVER_READY,
    lasting: { StopBuild: { error: "AccessDeniedException" } },
  });
  const { code, stderr } = await runInProcess(stepEnvironment(aws, { STARTUP_TIMEOUT: "10" }));
  assert.equal(code, 6);
  assert.match(stderr, /aws codebuild stop-build --id ci:0/);
});

Deno.test("`start()` removes what dead builds have left, and nothing else", async () => {
  await using aws = startFakeAws({
    stages: [...Array.from({ length: 8 }, () => ({ phase: "PROVISIONING" })), { phase: "BUILD" }],
  });
  await using bitbucket = await FakeBitbucket.start();
  const old = "2026-01-01T00:00:00Z";
  const dead = { status: "OFFLINE", updated_on: old };
  bitbucket.state.addRunner({ name: "99999999-0000-4000-8000-000000000009-ci", state: dead });
  bitbucket.state.addRunner({ name: "99999999-0000-4000-8000-000000000009-other", state: dead });
  bitbucket.state.addRunner({ name: NAME, state: { status: "UNREGISTERED", updated_on: old } });
  const { code, stderr } = await runInProcess(stepEnvironment(aws, bitbucketEnvironment(bitbucket)), {
    speed: 50,
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual(bitbucket.state.runners.map(({ name }) => name), [
    "99999999-0000-4000-8000-000000000009-other",
    NAME,
  ]);
});

Deno.test("`start()` does not mind that leftovers cannot be looked for", async () => {
  await using aws = startFakeAws({ stages: [{ phase: "PROVISIONING" }, { phase: "BUILD" }] });
  await using bitbucket = await FakeBitbucket.start();
  bitbucket.plan({ route: "list runners", fault: { kind: "hang", acted: false }, times: 99 });
  const { code, stderr } = await runInProcess(stepEnvironment(aws, bitbucketEnvironment(bitbucket)));
  assert.equal(code, 0, stderr);
});

Deno.test("`start()` removes the runner of a stopped build even though CodeBuild no longer tells of it", async () => {
  await using aws = startFakeAws({ lasting: { BatchGetBuilds: { error: "InternalFailure", status: 500 } } });
  await using bitbucket = await FakeBitbucket.start();
  bitbucket.state.addRunner({ name: NAME });
  const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "30", ...bitbucketEnvironment(bitbucket) });
  const { code, stderr } = await runInProcess(env, { speed: 50 });
  assert.equal(code, 6, stderr);
  assert.deepEqual(bitbucket.state.runners, []);
});

Deno.test("`start()` leaves a busy runner alone while its build is not known to have ended", async () => {
  await using aws = startFakeAws({
    stages: NEVER_READY,
    stopTakesForEver: true,
  });
  await using bitbucket = await FakeBitbucket.start();
  const state = { status: "ONLINE", updated_on: "2026-01-01T00:00:00Z", step: { uuid: "{step}" } };
  bitbucket.state.addRunner({ name: NAME, state });
  const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "30", ...bitbucketEnvironment(bitbucket) });
  const { code, stderr } = await runInProcess(env, { speed: 50 });
  assert.equal(code, 6, stderr);
  assert.match(stderr, /is being stopped, but was not seen to end within 25 s/);
  assert.deepEqual(bitbucket.state.runners.map(({ name }) => name), [NAME]);
});
