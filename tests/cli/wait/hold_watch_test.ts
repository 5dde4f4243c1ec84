import assert from "node:assert/strict";
import { withoutSession } from "../../../cli/wait/hold_watch.ts";
import { heldLine } from "../../../shared/output/held_build.ts";
import { runInProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";
import { type FakeAwsOptions, type Stage, startFakeAws } from "../../fixtures/servers/fake_aws.ts";

const DEBUG = { RUNNER_DEBUG: "30", RUNNER_CREDENTIALS: "project" };
const UNTIL = "2026-11-29T12:31:37.120Z";
const DONE = ["SUBMITTED", "QUEUED", "PROVISIONING", "INSTALL"];
const PRE_BUILD: Stage = { phase: "PRE_BUILD", done: DONE };
const ONLINE: Stage = { phase: "BUILD", done: [...DONE, "PRE_BUILD"] };
const FAILED: Stage = { ended: "FAILED", phase: "PRE_BUILD", done: DONE };

/** The end of a build's log whose runner did not come up. */
function log(sure: boolean): string[] {
  return [
    "[Container] 2026/11/29 12:01:00.000000 Entering phase PRE_BUILD",
    '[Container] 2026/11/29 12:01:00.000000 Running command "/runner/pre_build.sh"',
    "error: Bitbucket has refused the credentials",
    "hint: renew them",
    `12:01:37Z warning: ${heldLine({ phase: "pre_build", exitCode: 3, minutes: 30, until: UNTIL, sure })}`,
    "12:01:37Z Look into it by: …",
  ];
}

async function start(options: FakeAwsOptions, env: Record<string, string> = DEBUG) {
  await using aws = startFakeAws(options);
  const run = await runInProcess(stepEnvironment(aws, env));
  const waitedMs = run.sleeps.filter((ms) => ms <= 30_000).reduce((sum, ms) => sum + ms, 0);
  return { ...run, waitedMs, calls: aws.names() };
}

Deno.test("a held build is left, and its reason is the start's failure with the agent's exit code", async () => {
  const { code, stderr, calls } = await start({ stages: [PRE_BUILD], logLines: log(true) });
  assert.equal(code, 3, stderr);
  assert.match(stderr, new RegExp(`is held for up to 30 min, until ${UNTIL}`));
  assert.match(stderr, /aws ssm start-session --target codebuild:\S+ --region eu-west-1/);
  assert.match(stderr, /^error: Bitbucket has refused the credentials\nhint: renew them$/m);
  assert.ok(!calls.includes("StopBuild"));
});

Deno.test("a build that may be held is waited for until it would have ended", async () => {
  const held = await start({ stages: [PRE_BUILD], logLines: log(false) });
  assert.match(held.stderr, /may be held for up to 30 min/);
  assert.ok(held.waitedMs >= 20_000, String(held.waitedMs));
  const over = await start({ stages: [PRE_BUILD, PRE_BUILD, FAILED], logLines: log(false) });
  assert.equal(over.code, 5, over.stderr);
  assert.match(over.stderr, /ended with FAILED in phase PRE_BUILD/);
  assert.doesNotMatch(over.stderr, /start-session/);
});

Deno.test("the log is read while a runner comes up where a failed build is held, and may be out of reach", async () => {
  const stages = [PRE_BUILD, PRE_BUILD, ONLINE];
  const plain = await start({ stages }, { RUNNER_CREDENTIALS: "project" });
  assert.ok(!plain.calls.includes("GetLogEvents"));
  const watched = await start({ stages, lasting: { GetLogEvents: { error: "AccessDeniedException" } } });
  assert.equal(watched.code, 0, watched.stderr);
  assert.ok(watched.calls.includes("GetLogEvents"));
});

Deno.test("`withoutSession()` warns of a build that is to be held and that nobody can get into", () => {
  const build = { id: "ci:1" };
  assert.match(
    withoutSession(build, { debugMinutes: 30 }) ?? "",
    /build ci:1 so far, .*start-runner init --debug/,
  );
  assert.equal(withoutSession(build, { debugMinutes: undefined }), undefined);
  assert.equal(
    withoutSession({ ...build, debugSession: { sessionTarget: "t" } }, { debugMinutes: 30 }),
    undefined,
  );
});
