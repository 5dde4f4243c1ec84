import assert from "node:assert/strict";
import type { KnownBuild } from "../../../shared/aws/aws_codebuild.ts";
import { InterruptedError } from "../../../shared/program/errors.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { StartupClock } from "../../../cli/wait/startup_clock.ts";
import { type FakeAwsOptions, type Stage, startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { runInProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const QUEUED: Stage = { phase: "QUEUED" };
const ONLINE: Stage = { phase: "BUILD" };

function queuedFor(looks: number): Stage[] {
  return Array.from({ length: looks }, () => QUEUED);
}

async function run(options: FakeAwsOptions, env: Record<string, string> = {}, speed = 50) {
  await using aws = startFakeAws(options);
  const result = await runInProcess(stepEnvironment(aws, env), { speed });
  return { ...result, running: aws.running().length, names: aws.names() };
}

Deno.test("the startup timeout does not count in the queue, and the log says what does", async () => {
  const { code, stderr } = await run({ stages: [...queuedFor(12), ONLINE] }, { STARTUP_TIMEOUT: "30" });
  assert.equal(code, 0, stderr);
  const said =
    /in CodeBuild's queue, which lets it wait 480 minutes; the 30 s of --startup-timeout begin when it has one/g;
  assert.equal(stderr.match(said)?.length, 1, stderr);
});

Deno.test("the startup timeout counts from the end of the queue", async () => {
  const stages = [...queuedFor(10), { phase: "PROVISIONING" }];
  const { code, stderr, running } = await run({ stages }, { STARTUP_TIMEOUT: "20" });
  assert.equal(code, 6, stderr);
  assert.match(stderr, /error: The runner was not online within 20 s: build ci:\S+ is in PROVISIONING/);
  assert.equal(running, 0);
});

for (
  const [whose, options, env] of [
    ["the option's", {}, { CODEBUILD_QUEUED_TIMEOUT: "5" }],
    ["the project's", { queuedTimeoutMinutes: 5 }, {}],
  ] as const
) {
  Deno.test(`a build that stays in the queue beyond ${whose} limit is stopped`, async () => {
    const { code, stderr, running, sleeps } = await run({ stages: [QUEUED], ...options }, {
      STARTUP_TIMEOUT: "10",
      ...env,
    });
    assert.equal(code, 6, stderr);
    assert.match(stderr, /error: Build ci:\S+ is still in CodeBuild's queue after 5 minutes/);
    assert.match(stderr, /hint: no machine was free in time: raise --queued-timeout/);
    assert.equal(running, 0);
    assert.ok(sleeps.filter((ms) => ms > 2000 && ms <= 5100).length > 50, "it is looked at all the while");
  });
}

Deno.test("the queue is not waited for where no look shows the build there", async () => {
  const lasting = { BatchGetBuilds: { error: "InternalFailure", status: 500 } };
  const { code, stderr } = await run({ lasting }, { STARTUP_TIMEOUT: "30" });
  assert.equal(code, 6, stderr);
  assert.match(stderr, /hint: CodeBuild did not say any more whether the build has left its queue/);
});

Deno.test("a signal in the queue stops the build", async () => {
  const interruption = new AbortController();
  let looks = 0;
  await using aws = startFakeAws({
    stages: [QUEUED],
    beforeAnswer: (call) => {
      if (call === "BatchGetBuilds" && ++looks === 8) interruption.abort(new InterruptedError("SIGINT"));
    },
  });
  const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "10" });
  const { code, stderr } = await runInProcess(env, { speed: 50, signal: interruption.signal });
  assert.equal(code, 130, stderr);
  assert.equal(aws.running().length, 0);
});

Deno.test("`StartupClock` leaves no timer behind", () => {
  const { signal } = new AbortController();
  const host = systemHost();
  using clock = new StartupClock({ host, startupMs: 1_000, queuedTimeoutMinutes: undefined, signal });
  clock.note({ id: "ci:1", currentPhase: "QUEUED" } as KnownBuild);
  clock.note({ id: "ci:1", currentPhase: "PROVISIONING" } as KnownBuild);
  assert.equal(clock.signal.aborted, false);
});
