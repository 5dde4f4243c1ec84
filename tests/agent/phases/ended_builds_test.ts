import assert from "node:assert/strict";
import { createCodeBuild } from "../../../shared/aws/aws_codebuild.ts";
import { runnerName } from "../../../shared/leftovers/runner_name.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { type FakeAws, startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { FakeBitbucket } from "../../fixtures/servers/fake_bitbucket.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";
import { agentEnvironment, runAgentProcess } from "../../fixtures/programs/agent_process.ts";

const KEYS = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret-key", sessionToken: "session" };

/** What CodeBuild sets for the build's own role. */
function awsEnvironment(aws: FakeAws): Record<string, string> {
  return {
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_SESSION_TOKEN: KEYS.sessionToken,
  };
}

/**
 * A build that may have ended left its runner, a minute ago by now; another's pre_build meets it. Its own runner
 * cannot be launched, since the bundle is empty, which is no reason to leave the other one there.
 */
async function meetLeftover(
  stopped: boolean,
  env: (aws: FakeAws) => Record<string, string>,
): Promise<boolean> {
  await using aws = startFakeAws({ stages: [{ phase: "BUILD" }] });
  await using bitbucket = await FakeBitbucket.start();
  const host = { ...systemHost(), env: { AWS_ENDPOINT_URL: aws.url } };
  const codebuild = createCodeBuild({ host, region: "eu-west-1", timeoutMs: 5_000, credentials: KEYS });
  const { id } = await codebuild.startBuild({ projectName: "app" });
  if (stopped) await codebuild.stopBuild(id);
  const name = runnerName(id);
  const updated_on = new Date().toISOString();
  const leftover = bitbucket.state.addRunner({ name, state: { status: "OFFLINE", updated_on } });
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/bundle.json`,
      JSON.stringify({ type: "shell", runnerVersion: "5.6.0" }),
    );
    const own = { CODEBUILD_BUILD_ID: `${id.split(":")[0]}:99999999-0000-4000-8000-000000000000` };
    const run = await runAgentProcess({ ...agentEnvironment(bitbucket.url, folder), ...own, ...env(aws) }, [
      "pre_build",
    ]);
    assert.equal(run.code, 1, run.stderr);
    assert.match(run.stderr, /^error: .*(bin\/start\.sh|Java)/m);
  });
  assert.ok(bitbucket.state.runners.every((runner) => runner === leftover), "its own runner is gone");
  return bitbucket.state.runners.length === 0;
}

Deno.test("`endedBuilds()` lets a runner go at once whose build CodeBuild says has ended", async () => {
  assert.equal(await meetLeftover(true, awsEnvironment), true);
});

Deno.test("`endedBuilds()` keeps a runner whose build is still running", async () => {
  assert.equal(await meetLeftover(false, awsEnvironment), false);
});

Deno.test("`endedBuilds()` leaves it to the runner's age outside a region", async () => {
  assert.equal(await meetLeftover(true, () => ({})), false);
});
