import assert from "node:assert/strict";
import { askedTimes, firstTimes } from "../../../agent/times/build_times.ts";
import { systemHost } from "../../../shared/program/system_host.ts";
import { startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { withTemporaryFolder } from "../../fixtures/temporary_folder.ts";

Deno.test("`firstTimes()` knows when the install began, unless that was before the build", async () => {
  await withTemporaryFolder(async (folder) => {
    const made = (await Deno.stat(folder)).birthtime?.getTime();
    const begunMs = Date.now() + 1;
    const installed = async (startedMs: number | undefined, runnerHome = folder) =>
      (await firstTimes({ startedMs, runnerHome }, begunMs)).installMs;
    assert.equal(await installed(begunMs - 60_000), made);
    assert.equal(await installed(begunMs), undefined);
    assert.equal(await installed(undefined), undefined);
    assert.equal(await installed(begunMs - 60_000, "/nowhere"), undefined);
  });
});

const BUILD = { buildId: "ci:00000000-0000-4000-8000-000000000001", apiTimeoutS: 1 };
const KEYS = { AWS_ACCESS_KEY_ID: "AKIDOFABUILD", AWS_SECRET_ACCESS_KEY: "secret-of-a-build" };

/** What the agent is told by CodeBuild, or by nobody. */
async function asked(aws: { url: string }, more: Record<string, string> = {}) {
  for (const [name, value] of Object.entries(KEYS)) Deno.env.set(name, value);
  try {
    const host = { ...systemHost(), env: { AWS_ENDPOINT_URL: aws.url, AWS_REGION: "eu-west-1", ...more } };
    return await askedTimes(BUILD, host, new AbortController().signal);
  } finally {
    for (const name of Object.keys(KEYS)) Deno.env.delete(name);
  }
}

Deno.test("`askedTimes()` has CodeBuild's own account, and nothing where it may not ask", async () => {
  const request = {
    body: "{}",
    headers: { "x-amz-target": "CodeBuild_20161006.StartBuild" },
    method: "POST",
  };
  await using aws = startFakeAws({ stages: [{ phase: "BUILD", done: ["QUEUED", "PROVISIONING"] }] });
  await (await fetch(aws.url, request)).body?.cancel();
  assert.deepEqual(await asked(aws), { queuedS: 2, provisioningS: 2 });
  await using closed = startFakeAws({ lasting: { BatchGetBuilds: { error: "AccessDeniedException" } } });
  assert.deepEqual(await asked(closed), {});
  assert.deepEqual(await asked(closed, { AWS_REGION: "" }), {});
});
