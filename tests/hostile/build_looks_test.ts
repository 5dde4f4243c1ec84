import assert from "node:assert/strict";
import { runProcess, spawnStartRunner } from "../fixtures/programs/start_runner.ts";
import { type ScriptedAnswers, startScriptedAws } from "../fixtures/servers/scripted_aws.ts";

const ID = "ci:00000000-0000-4000-8000-000000000001";
const PLAYED: ScriptedAnswers = {
  ListBuildsForProject: () => ({ ids: [ID] }),
  BatchGetBuilds: () => ({ builds: [build()] }),
  GetLogEvents: (count) => ({ events: [], nextForwardToken: `f/${count}` }),
};

function build(more: Readonly<Record<string, unknown>> = {}) {
  return {
    id: ID,
    buildStatus: "SUCCEEDED",
    currentPhase: "COMPLETED",
    startTime: Date.now() / 1000 - 60,
    endTime: Date.now() / 1000,
    logs: { groupName: "/aws/codebuild/ci", streamName: "1" },
    ...more,
  };
}

function laptop(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLEEXAMPLE00",
    AWS_SECRET_ACCESS_KEY: "of-nobody",
    CODEBUILD_PROJECT: "ci",
  };
}

async function look(args: readonly string[], answers: ScriptedAnswers) {
  await using aws = startScriptedAws({ ...PLAYED, ...answers });
  return { ...await runProcess(laptop(aws.url), args), calls: aws.calls.length };
}

Deno.test("a list of builds that leads back to itself has an end", async () => {
  const endless = { ListBuildsForProject: () => ({ ids: [ID], nextToken: "again" }) };
  for (const command of ["list", "cost"]) {
    const { code, calls, stderr } = await look([command], endless);
    assert.deepEqual([code, calls], [0, 4], stderr);
  }
});

Deno.test("a log that promises more with every empty page has an end", async () => {
  const { code, calls, stderr } = await look(["logs", ID], {});
  assert.equal(code, 0, stderr);
  assert.ok(calls < 200, String(calls));
});

Deno.test("times that no calendar has are left out, and end nothing", async () => {
  const answers: ScriptedAnswers = {
    BatchGetBuilds: () => ({
      builds: [build({ startTime: 1e20, endTime: 1e20, buildStatus: "IN_PROGRESS", currentPhase: "BUILD" })],
    }),
    GetLogEvents: () => ({ events: [{ timestamp: 1e300, message: "odd" }], nextForwardToken: "f/0" }),
  };
  const list = await look(["list", "--json"], answers);
  assert.deepEqual([list.code, JSON.parse(list.stdout)[0]?.endedOn], [0, null], list.stderr);
  const logs = await look(["logs", ID, "--log-format", "json"], answers);
  assert.deepEqual([logs.code, logs.stdout], [0, '{"message":"odd"}\n{"message":"odd"}\n'], logs.stderr);
  assert.equal((await look(["cost", "--by", "day"], answers)).code, 0);
});

Deno.test("a build without a time hides none of those on later pages", async () => {
  const { stdout } = await look(["list", "--json"], {
    ListBuildsForProject: (count) => count === 0 ? { ids: [ID], nextToken: "2" } : { ids: [ID] },
    BatchGetBuilds: (count) => ({ builds: [count === 0 ? build({ startTime: undefined }) : build()] }),
  });
  assert.equal(JSON.parse(stdout).length, 1);
});

Deno.test("`logs --follow` ends when nobody reads it any more, though its build goes on", async () => {
  await using aws = startScriptedAws({
    BatchGetBuilds: () => ({ builds: [build({ buildStatus: "IN_PROGRESS", currentPhase: "BUILD" })] }),
    GetLogEvents: (count) => ({ events: [{ message: "line" }], nextForwardToken: `f/${count}` }),
  });
  const child = spawnStartRunner(laptop(aws.url), ["logs", "--follow", ID]);
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const [{ code }] = await Promise.all([child.status, child.stderr.cancel()]);
  assert.equal(code, 0);
});
