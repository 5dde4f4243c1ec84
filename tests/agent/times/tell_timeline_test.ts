import assert from "node:assert/strict";
import { StateFile } from "../../../agent/settings/state_file.ts";
import { agentEnvironment, runAgentProcess } from "../../fixtures/programs/agent_process.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

/** The end of a build whose runner is gone, in a process of its own. */
async function ended(
  env: Record<string, string>,
  body: (end: () => Promise<{ code: number; stdout: string; stderr: string }>) => Promise<void>,
  { removed = true, online = true } = {},
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const now = Date.now();
    const times = {
      startedMs: now - 60_000,
      installMs: now - 53_000,
      begunMs: now - 50_000,
      ...(online ? { onlineMs: now - 45_000 } : {}),
      steps: { firstMs: now - 43_000, lastMs: now - 3_000, busyMs: 40_000 },
    };
    const state = { type: "shell" as const, name: "1-app", labels: [], logFile: `${folder}/runner.log` };
    const rest = { online, baseline: [], leftoversDoubtful: false, requests: 9, removed, times };
    await new StateFile(folder).write({ ...state, ...rest });
    await body(() =>
      runAgentProcess({ ...agentEnvironment("http://127.0.0.1:9", folder), ...env }, ["post_build"])
    );
  });
}

const LINE =
  /^\d\d:\d\d:\d\dZ Timeline: before install 7 s, install 3 s, online 5 s, idle before the step 2 s, step 40 s, tail [\d.]+ s; in all 6\d s, \d+ % of it idle\n$/;

Deno.test("`codebuild-agent post_build` ends a build with its timeline, once", async () => {
  await ended({}, async (end) => {
    const first = await end();
    assert.deepEqual([first.code, first.stdout], [0, ""]);
    assert.match(first.stderr, LINE);
    assert.deepEqual(await end(), { code: 0, stdout: "", stderr: "" });
  });
});

Deno.test("`codebuild-agent post_build` writes one raw line for CloudWatch's metrics where they are asked for", async () => {
  await ended({ RUNNER_METRICS: "1", RUNNER_REPOSITORY: "app" }, async (end) => {
    const { stdout, stderr } = await end();
    assert.match(stderr, LINE);
    assert.equal(stdout.indexOf("\n"), stdout.length - 1);
    const { _aws, Repository, StepSeconds, OnlineSeconds, QueueSeconds } = JSON.parse(stdout);
    assert.deepEqual([Repository, StepSeconds, OnlineSeconds, QueueSeconds], ["app", 40, 5, undefined]);
    assert.equal(_aws.CloudWatchMetrics[0].Namespace, "BitbucketRunner");
  });
  await ended({ RUNNER_METRICS: "1" }, async (end) => {
    const { Repository } = JSON.parse((await end()).stdout);
    assert.equal(Repository, agentEnvironment("", "")["REPO_UUID"]);
  });
});

Deno.test("`codebuild-agent post_build` has its timeline for machines too, whatever the configuration", async () => {
  await ended({ LOG_FORMAT: "json", RUNNER_LABEL: "GPU" }, async (end) => {
    const { code, stderr } = await end();
    assert.equal(code, 0);
    const { timeline, durationS, idleS } = JSON.parse(stderr);
    assert.deepEqual(timeline[0], { name: "before install", durationS: 7 });
    assert.ok(durationS >= 60 && idleS >= 5, stderr);
  });
});

Deno.test("`codebuild-agent post_build` says nothing of a runner that was never online", async () => {
  await ended({}, async (end) => assert.deepEqual(await end(), { code: 0, stdout: "", stderr: "" }), {
    online: false,
  });
});
