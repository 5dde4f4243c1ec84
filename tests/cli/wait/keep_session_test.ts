import assert from "node:assert/strict";
import { awsCallError } from "../../../shared/aws/aws_errors.ts";
import { Logger } from "../../../shared/output/log.ts";
import { Redactor } from "../../../shared/output/redact.ts";
import { keepSession } from "../../../cli/wait/keep_session.ts";
import { quickHost } from "../../fixtures/quick_host.ts";
import { type FakeAwsOptions, type Stage, startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { runInProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";

/** An hour and a few minutes of looks, 5.1 s apart: longer than the session, which every role allows. */
const QUEUED: readonly Stage[] = Array.from({ length: 680 }, () => ({ phase: "QUEUED" }));
const EXPIRED = { error: "ExpiredTokenException", message: "Token expired: current date must be before" };

async function run(options: FakeAwsOptions) {
  await using aws = startFakeAws({ stages: [...QUEUED, { phase: "BUILD" }], ...options });
  const env = stepEnvironment(aws, { STARTUP_TIMEOUT: "3000", CODEBUILD_CAPACITY_TIMEOUT: "0" });
  const result = await runInProcess(env, { speed: 400 });
  const assumed = aws.names().filter((name) => name === "AssumeRoleWithWebIdentity").length;
  return { ...result, running: aws.running().length, assumed };
}

Deno.test("a long wait renews the role's session before it ends", async () => {
  const { code, stderr, assumed } = await run({});
  assert.equal(code, 0, stderr);
  assert.equal(assumed, 2);
});

Deno.test("a session that STS does not renew ends the wait while the build can be stopped", async () => {
  const planned = [undefined, ...Array.from({ length: 99 }, () => EXPIRED)];
  const { code, stderr, running } = await run({ faults: { AssumeRoleWithWebIdentity: planned } });
  assert.equal(code, 6, stderr);
  assert.match(
    stderr,
    /error: Cannot wait for build ci:\S+ any longer, since .*: Cannot call Assume.*Expired/,
  );
  assert.match(stderr, /hint: .*set --queued-timeout .* raise the role's maximum session duration/);
  assert.equal(running, 0);
});

Deno.test("`keepSession()` goes on while STS does not answer, and says so", async () => {
  const host = quickHost();
  const log = new Logger(host, "text", new Redactor());
  const unanswered = awsCallError("AssumeRoleWithWebIdentity", new TypeError("no route"));
  const session = { keepAlive: () => Promise.reject(unanswered) } as never;
  await keepSession({ session, log, signal: new AbortController().signal }, "ci:1");
  assert.match(host.written.join(""), /warning: .*no route; trying again while the role's session lasts/);
});
