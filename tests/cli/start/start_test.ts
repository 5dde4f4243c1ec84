import assert from "node:assert/strict";
import { SILENCE_MS } from "../../../cli/progress/heartbeat.ts";
import { type Fault, type Stage, startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { runInProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const NAME = "00000000-0000-4000-8000-000000000001-ci";
const PREPARED = ["SUBMITTED", "QUEUED", "PROVISIONING", "INSTALL", "PRE_BUILD"];
const AT_LIMIT: Fault = {
  error: "AccountLimitExceededException",
  message: "Cannot have more than 1 builds in queue for the account",
};

const STAGES: Stage[] = [
  { phase: "QUEUED" },
  { phase: "PROVISIONING", done: ["SUBMITTED", "QUEUED"] },
  { phase: "BUILD", done: PREPARED },
];

Deno.test("`start()` shows what it starts, phases and what came of it on stderr, and the result alone on stdout", async () => {
  await using aws = startFakeAws({ stages: STAGES });
  const { code, stdout, stderr } = await runInProcess(stepEnvironment(aws));
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `Runner online: ${NAME}\nBuild: ci:00000000-0000-4000-8000-000000000001\n`);
  const lines = stderr.trim().split("\n").map((line) => line.slice("12:00:00Z ".length));
  const expected: (string | RegExp)[] = [
    /^start-runner \d\S+ \(from source\) starts a shell runner for pipeline #7 of acme\/app$/,
    "Project ci in eu-west-1, role arn:aws:iam::123456789012:role/start-runner, size the project's, image the project's",
    /^The build runs install-shell\.sh unchecked/,
    /^Credentials \(project\)/,
    /^Build ci:0\S+ accepted: https:\/\/eu-west-1\.console\.aws\.amazon\.com\/codesuite\/codebuild\/123456789012\/projects\/ci\/build\/ci%3A0/,
    "submitted 2 s",
    "queued 2 s",
    "provisioning 2 s",
    "install 2 s",
    "runner 2 s",
    /^Waited \d+ s: (StartBuild \d+ s, )?submitted 2 s, queued 2 s, provisioning 2 s, install 2 s, runner 2 s$/,
    "runs-on: [self.hosted, linux.shell, codebuild]",
    "It serves one step that asks for it",
    /^It costs about \$0\.01 a minute: list price of LINUX_CONTAINER medium in us-east-1, \w+ \d{4}$/,
  ];
  assert.equal(lines.length, expected.length, stderr);
  expected.forEach((one, index) => {
    if (typeof one === "string") assert.equal(lines[index], one);
    else assert.match(lines[index] ?? "", one);
  });
});

Deno.test("`start()` writes JSON lines when asked to, with what machines look for in fields of their own", async () => {
  await using aws = startFakeAws({ stages: STAGES });
  const { stdout, stderr } = await runInProcess(stepEnvironment(aws), { args: ["--log-format", "json"] });
  const labels = ["self.hosted", "linux.shell", "codebuild"];
  assert.deepEqual([JSON.parse(stdout).runner, JSON.parse(stdout).labels], [NAME, labels]);
  const events = stderr.trim().split("\n").map((line) => JSON.parse(line));
  for (const { message, time, level } of events) {
    assert.deepEqual([message, time, level].map((value) => typeof value), ["string", "string", "string"]);
  }
  const ended = events.filter(({ phase }) => phase).map(({ phase, durationS }) => [phase, durationS]);
  assert.deepEqual(ended, PREPARED.map((phase) => [phase, 2]));
  const { phases, durationS } = events.find((event) => event.phases) ?? {};
  assert.deepEqual(Object.entries(phases).slice(-5), PREPARED.map((phase) => [phase, 2]));
  assert.equal(typeof durationS, "number");
  assert.deepEqual(events.find((event) => event.labels)?.labels, labels);
  assert.equal(events.find((event) => event.link)?.runner, NAME);
});

Deno.test("`start()` ends with one object for the failure when it writes JSON: exit code, hint and all", async () => {
  await using aws = startFakeAws({ stages: [{ ended: "FAILED", phase: "INSTALL" }] });
  const { stderr } = await runInProcess(stepEnvironment(aws), { args: ["--log-format", "json"] });
  const events = stderr.trim().split("\n").map((line) => JSON.parse(line));
  const { phase, status, durationS } = events.find((event) => event.status === "FAILED") ?? {};
  assert.deepEqual([phase, status, durationS], ["INSTALL", "FAILED", 3]);
  const { level, exitCode, hint } = events.at(-1);
  assert.deepEqual([level, exitCode, typeof hint], ["error", 5, "string"]);
});

Deno.test("`start()` tells at least every 30 s that a phase goes on, and that it waits at a limit", async () => {
  const slow: Stage = { phase: "PROVISIONING", done: ["SUBMITTED"] };
  await using aws = startFakeAws({
    // The last two pauses are longer than half a minute.
    faults: { StartBuild: Array.from({ length: 6 }, () => AT_LIMIT) },
    stages: [...Array.from({ length: 40 }, () => slow), { phase: "BUILD", done: PREPARED }],
  });
  const { code, stderr } = await runInProcess(stepEnvironment(aws), { speed: 100 });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Z at the concurrent-build limit … \d+ s\n/);
  const told = [...stderr.matchAll(/Z provisioning … (\d+) s\n/g)].map((match) => Number(match[1]));
  assert.ok(told.length >= 2, stderr);
  assert.ok(told[0] !== undefined && told[0] >= 29 && told[0] <= 36, `${told}`);
  assert.match(stderr, /Waited \d+ s: StartBuild \d+ s, /);
});

Deno.test("`start()` tells phases of no length, and the project's own labels, where it should", async () => {
  await using aws = startFakeAws({
    stages: [{ ended: "FAILED", phase: "INSTALL" }],
    projectVariables: [{ name: "RUNNER_LABEL", value: "big" }, { name: "MULTI_STEP", value: "true" }],
  });
  const brief = await runInProcess(stepEnvironment(aws));
  assert.doesNotMatch(brief.stderr, /submitted 0 s/);
  assert.match(brief.stderr, /Z install failed after 3 s\n/);
  const verbose = await runInProcess(stepEnvironment(aws), { args: ["--verbose"] });
  assert.match(verbose.stderr, /Z submitted 0 s\n/);
  await using other = startFakeAws({
    projectVariables: [{ name: "RUNNER_LABEL", value: "big" }, { name: "MULTI_STEP", value: "true" }],
  });
  const { stderr } = await runInProcess(stepEnvironment(other));
  assert.match(stderr, /runs-on: \[self\.hosted, linux\.shell, codebuild, big\]\n/);
  assert.match(stderr, /It serves the steps that ask for it, until the pipeline is over\n/);
});

Deno.test("`start()` takes a prepared build for online when it missed the phase BUILD", async () => {
  await using aws = startFakeAws({ stages: [{ phase: "POST_BUILD", done: [...PREPARED, "BUILD"] }] });
  assert.equal((await runInProcess(stepEnvironment(aws))).code, 0);
});

Deno.test("`start()` looks every 5 s in the queue and at most every 2 s after it", async () => {
  const queued: Stage = { phase: "QUEUED" };
  const provisioning: Stage = { phase: "PROVISIONING" };
  await using aws = startFakeAws({
    stages: [queued, queued, provisioning, provisioning, { phase: "BUILD" }],
  });
  // At the speed of the wall clock's, a look takes none of the interval worth mentioning.
  const { sleeps } = await runInProcess(stepEnvironment(aws), { speed: 20 });
  const [, first = 0, ...between] = sleeps.filter((ms) => ms !== SILENCE_MS);
  assert.equal(first, 2000);
  assert.equal(between.length, 4);
  for (const ms of between.slice(0, 2)) assert.ok(ms > 2000 && ms <= 5100, `${ms}`);
  for (const ms of between.slice(2)) assert.ok(ms <= 1800, `${ms}`);
});

Deno.test("`start()` waits out a concurrent-build limit with the same request, at longer and longer pauses", async () => {
  await using aws = startFakeAws({ faults: { StartBuild: Array.from({ length: 6 }, () => AT_LIMIT) } });
  const { code, stderr, sleeps } = await runInProcess(stepEnvironment(aws), { speed: 1000 });
  assert.equal(code, 0, stderr);
  assert.equal(stderr.match(/At a concurrent-build limit: .*retrying in \d+ s/g)?.length, 6);
  const pauses = sleeps.filter((ms) => ms !== SILENCE_MS);
  const longestS = [5, 10, 20, 40, 60, 60];
  longestS.forEach((longest, index) => {
    const seconds = (pauses[index] ?? 0) / 1000;
    assert.ok(seconds >= longest / 2 && seconds <= longest, `pause ${index + 1}: ${seconds} s`);
  });
  const starts = aws.calls.filter(({ call }) => call === "StartBuild");
  assert.equal(new Set(starts.map(({ input }) => input["idempotencyToken"])).size, 1);
  assert.equal(starts.length, 7);
});

const THROTTLED: readonly (readonly [string, Fault])[] = [
  ["by its code", { error: "ThrottlingException", message: "Rate exceeded" }],
  ["by its text", { error: "ClientException", message: "Rate exceeded" }],
  ["by its status", { error: "Unnamed", status: 429 }],
];

Deno.test("`start()` waits while StartBuild is throttled as long as for capacity", async () => {
  await Promise.all(THROTTLED.map(async ([how, fault]) => {
    // Five attempts are the SDK's own, where it knows the fault for throttling.
    await using aws = startFakeAws({ faults: { StartBuild: Array.from({ length: 6 }, () => fault) } });
    const { code, stderr } = await runInProcess(stepEnvironment(aws), { speed: 50 });
    assert.equal(code, 0, `${how}: ${stderr}`);
    assert.match(stderr, /Throttled by CodeBuild: .*; attempt 1, retrying in \d+ s/);
    assert.equal(aws.builds.length, 1, how);
  }));
});

Deno.test("`start()` gives up on throttling when the capacity timeout has passed, and says what helps", async () => {
  await using aws = startFakeAws({ lasting: { StartBuild: { error: "ThrottlingException" } } });
  const env = stepEnvironment(aws, { CODEBUILD_CAPACITY_TIMEOUT: "20" });
  const { code, stderr } = await runInProcess(env);
  assert.equal(code, 4);
  assert.match(stderr, /error: Cannot start a build within 20 s: .*ThrottlingException/);
  assert.match(stderr, /hint: raise --capacity-timeout; CodeBuild counts an account's calls together/);
});

Deno.test("`start()` says which environment type an image of AWS brings about, and how to have another", async () => {
  const image = "aws/codebuild/amazonlinux-aarch64-standard:3.0";
  await using aws = startFakeAws();
  const said = async (env: Record<string, string>) =>
    (await runInProcess(stepEnvironment(aws, env))).stderr.match(/environment type.*/)?.[0];
  assert.match(
    await said({ CODEBUILD_IMAGE: "aws/codebuild/standard:8.0" }) ?? "",
    /^environment type is LINUX_CONTAINER, as .* set --environment-type to have another one, such as LINUX_GPU_CONTAINER$/,
  );
  // There is no other that this image runs on.
  assert.match(
    await said({ CODEBUILD_IMAGE: image }) ?? "",
    /^environment type is ARM_CONTAINER, as image \S+ suggests, whatever the project's own is$/,
  );
  assert.equal(
    await said({ CODEBUILD_IMAGE: image, CODEBUILD_ENVIRONMENT_TYPE: "ARM_CONTAINER" }),
    undefined,
  );
  assert.equal(await said({ CODEBUILD_IMAGE: "my/image" }), undefined);
  assert.equal(await said({}), undefined);
});

Deno.test("`start()` knows a project's limit by its text, whatever the code", async () => {
  const fault = { error: "InvalidInputException", message: "Concurrent build limit exceeded for project ci" };
  await using aws = startFakeAws({ faults: { StartBuild: [fault] } });
  assert.equal((await runInProcess(stepEnvironment(aws), { speed: 1000 })).code, 0);
});

Deno.test("`start()` gives up on a limit when the capacity timeout has passed", async () => {
  await using aws = startFakeAws({ lasting: { StartBuild: AT_LIMIT } });
  const env = stepEnvironment(aws, { CODEBUILD_CAPACITY_TIMEOUT: "20" });
  const { code, stderr } = await runInProcess(env);
  assert.equal(code, 4);
  assert.match(stderr, /error: Cannot start a build within 20 s: .*AccountLimitExceededException/);
  assert.match(stderr, /hint: raise --capacity-timeout/);
  assert.ok(aws.names().filter((call) => call === "StartBuild").length >= 3);
});

Deno.test("`start()` does not wait for a quota of 0", async () => {
  const message = "Cannot have more than 0 builds in queue for the account";
  await using aws = startFakeAws({
    lasting: { StartBuild: { error: "AccountLimitExceededException", message } },
  });
  const { code, stderr, sleeps } = await runInProcess(stepEnvironment(aws));
  assert.equal(code, 4);
  assert.deepEqual(sleeps, []);
  assert.match(stderr, /hint: waiting does not help: ask for a higher quota/);
});

Deno.test("`start()` starts another build where StartBuild gives back one that has ended", async () => {
  await using aws = startFakeAws({ endedFirst: true });
  const { code, stdout, stderr } = await runInProcess(stepEnvironment(aws));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Build ci:\S+1 is of an earlier try of this step and has ended; starting another/);
  assert.match(stdout, /Build: ci:00000000-0000-4000-8000-000000000002/);
});

Deno.test("`start()` takes a shorter session where the role allows no longer one", async () => {
  await using aws = startFakeAws({ longestSessionS: 3600 });
  const env = stepEnvironment(aws, { CODEBUILD_CAPACITY_TIMEOUT: "7200" });
  const { code, stderr } = await runInProcess(env);
  assert.equal(code, 0, stderr);
  const durations = aws.calls.map(({ input }) => input["DurationSeconds"]).filter(Boolean);
  assert.deepEqual(durations, ["8100", "3600"]);
  assert.match(stderr, /raise the role's maximum session duration/);
});

Deno.test("`start()` uses the default credential chain outside a pipeline", async () => {
  await using aws = startFakeAws();
  const { BITBUCKET_STEP_OIDC_TOKEN: _, AWS_ROLE_ARN: __, ...env } = stepEnvironment(aws);
  Deno.env.set("AWS_ACCESS_KEY_ID", "AKIDOFALAPTOP");
  Deno.env.set("AWS_SECRET_ACCESS_KEY", "secret-of-a-laptop");
  try {
    assert.equal((await runInProcess(env)).code, 0);
  } finally {
    Deno.env.delete("AWS_ACCESS_KEY_ID");
    Deno.env.delete("AWS_SECRET_ACCESS_KEY");
  }
  assert.match(aws.calls[0]?.headers.get("authorization") ?? "", /Credential=AKIDOFALAPTOP\//);
});

const FAILED_AGENT: Stage = {
  ended: "FAILED",
  phase: "PRE_BUILD",
  code: "COMMAND_EXECUTION_ERROR",
  message: "Error while executing command: pre_build.sh. Reason: exit status 3",
};

Deno.test("`start()` ends with the reason in the build's log, and shows the lines before it with secrets hidden", async () => {
  await using aws = startFakeAws({
    stages: [FAILED_AGENT],
    logLines: [
      "token is oidc-token-of-this-step",
      "12:00:00 warning: Cannot list runners",
      "error: Cannot list runners",
      "hint: take another oidc-token-of-this-step",
    ],
  });
  const { code, stderr } = await runInProcess(stepEnvironment(aws));
  assert.equal(code, 3, stderr);
  const lines = stderr.split("\n").map((line) => line.replace(/^\d\d:\d\d:\d\dZ /, ""));
  assert.deepEqual(lines.slice(lines.indexOf("Last lines of the build's log:") + 1), [
    "  | token is ***",
    "Build ci:00000000-0000-4000-8000-000000000001 ended with FAILED in phase PRE_BUILD before its runner was online, " +
    "for this reason:",
    "error: Cannot list runners",
    "hint: take another ***",
    "",
  ]);
  assert.ok(!aws.names().includes("StopBuild"), "an ended build needs no stopping");
  const place = aws.calls.find(({ call }) => call === "GetLogEvents")?.input;
  assert.equal(place?.["logGroupName"], "/aws/codebuild/ci");
  assert.equal(place?.["startFromHead"], false);
});

Deno.test("`start()` ends with what CodeBuild says where the build's log gives no reason", async () => {
  const routine = ["Phase complete: INSTALL State: SUCCEEDED", "Entering phase PRE_BUILD"].map((said) =>
    `[Container] 2026/11/29 12:00:00 ${said}`
  );
  await using aws = startFakeAws({
    stages: [FAILED_AGENT],
    logLines: [...routine, "sh: pre_build.sh: not found"],
  });
  const { code, stderr } = await runInProcess(stepEnvironment(aws));
  assert.equal(code, 5);
  assert.match(stderr, /Last lines of the build's log:\n\S+ {3}\| sh: pre_build\.sh: not found\nerror: /);
  assert.match(
    stderr,
    /^error: Build ci:\S+ ended with FAILED in phase PRE_BUILD before its runner was online: COMM/m,
  );
  assert.match(stderr, /^hint: the agent could not bring the runner online/m);
  assert.equal(stderr.match(/COMMAND_EXECUTION_ERROR/g)?.length, 1);
});

Deno.test("`start()` waits a moment for the lines of a failed phase that CloudWatch does not show yet", async () => {
  const logLines = ["[Container] 2026/11/29 12:00:00 Entering phase PRE_BUILD"];
  await using aws = startFakeAws({
    stages: [FAILED_AGENT],
    logLines,
    beforeAnswer: (call) => {
      if (call !== "GetLogEvents" || aws.names().filter((name) => name === call).length < 2) return;
      logLines.push("error: late", "[Container] 2026/11/29 12:00:01 Phase complete: PRE_BUILD State: FAILED");
    },
  });
  const { code, stderr } = await runInProcess(stepEnvironment(aws));
  assert.match(stderr, /^error: late$/m);
  assert.equal(code, 3);
  assert.equal(aws.names().filter((name) => name === "GetLogEvents").length, 2);
});

Deno.test("`start()` reports a build that ended even though its log cannot be read", async (t) => {
  const stages: Stage[] = [{ ended: "FAULT", phase: "PROVISIONING", code: "CLIENT_ERROR", message: "no" }];
  await t.step("the stream does not exist yet", async () => {
    await using aws = startFakeAws({ stages, logGroup: "null" });
    const { code, stderr } = await runInProcess(stepEnvironment(aws));
    assert.equal(code, 5);
    assert.match(stderr, /No lines of the build's log: the build has no CloudWatch log/);
    assert.ok(!aws.names().includes("GetLogEvents"));
  });
  await t.step("reading it is not allowed", async () => {
    await using aws = startFakeAws({ stages, lasting: { GetLogEvents: { error: "AccessDeniedException" } } });
    const { code, stderr } = await runInProcess(stepEnvironment(aws));
    assert.equal(code, 5);
    assert.match(stderr, /No lines of the build's log: Cannot call GetLogEvents: .*AccessDeniedException/);
  });
  await t.step("it is empty", async () => {
    await using aws = startFakeAws({ stages });
    assert.match(
      (await runInProcess(stepEnvironment(aws))).stderr,
      /No lines of the build's log: it is empty/,
    );
  });
});

Deno.test("`start()` bears a build that CodeBuild does not know at first", async () => {
  await using aws = startFakeAws({ stages: ["not found", "not found", { phase: "BUILD" }] });
  assert.equal((await runInProcess(stepEnvironment(aws))).code, 0);
});

Deno.test("`start()` takes a build that stays unknown for ended", async () => {
  await using aws = startFakeAws({ stages: ["not found"] });
  const { code, stderr } = await runInProcess(stepEnvironment(aws), { speed: 1000 });
  assert.equal(code, 5, stderr);
});
