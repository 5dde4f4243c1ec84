import assert from "node:assert/strict";
import { type AwsCall, type Fault, startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { runInProcess, stepEnvironment } from "../../fixtures/programs/start_runner.ts";

const FAULTS: Readonly<Record<string, Fault>> = {
  "a reset": "reset",
  "a reset after the server acted": "reset after",
  "a hang": "hang",
  "HTML with status 200": "html",
  "HTML with status 500": "html 500",
  "truncated JSON": "truncated",
  "missing fields": "empty object",
  "a clock that is off": "skewed clock",
  "throttling": { error: "ThrottlingException", message: "Rate exceeded" },
  "status 429": { error: "TooManyRequestsException", status: 429, headers: { "retry-after": "1" } },
  "status 500": { error: "InternalFailure", status: 500 },
  "status 502": { error: "BadGateway", status: 502 },
  "status 503": { error: "ServiceUnavailable", status: 503 },
};
const PATH: readonly AwsCall[] = ["AssumeRoleWithWebIdentity", "StartBuild", "BatchGetBuilds"];
const READY = [{ phase: "PROVISIONING" }, { phase: "BUILD" }];

for (const call of PATH) {
  Deno.test(`\`start()\` survives one fault at ${call}, whichever it is`, async () => {
    await Promise.all(
      Object.entries(FAULTS).map(async ([name, fault]) => {
        await using aws = startFakeAws({ stages: READY, faults: { [call]: [fault] } });
        const { code, stderr } = await runInProcess(stepEnvironment(aws));
        assert.equal(code, 0, `${name}: ${stderr}`);
        assert.equal(aws.builds.length, 1, name);
        assert.ok(aws.names().filter((one) => one === call).length >= 2, `${name} was never met`);
      }),
    );
  });
}

Deno.test("`start()` gets new credentials when they expire mid-way", async (t) => {
  for (const call of ["StartBuild", "BatchGetBuilds"] as const) {
    await t.step(call, async () => {
      await using aws = startFakeAws({
        stages: READY,
        faults: {
          [call]: [{ error: "ExpiredTokenException", message: "The security token included is expired" }],
        },
      });
      const { code, stderr } = await runInProcess(stepEnvironment(aws));
      assert.equal(code, 0, stderr);
      assert.match(stderr, /getting new credentials/);
      assert.equal(aws.names().filter((one) => one === "AssumeRoleWithWebIdentity").length, 2);
      assert.equal(aws.builds.length, 1);
    });
  }
});

const LASTING: readonly (readonly [AwsCall, string, number])[] = [
  ["AssumeRoleWithWebIdentity", "a reset", 4],
  ["AssumeRoleWithWebIdentity", "HTML with status 200", 4],
  ["AssumeRoleWithWebIdentity", "status 503", 4],
  ["AssumeRoleWithWebIdentity", "missing fields", 4],
  ["StartBuild", "a reset", 4],
  ["StartBuild", "a hang", 4],
  ["StartBuild", "truncated JSON", 0],
  ["StartBuild", "a reset after the server acted", 0],
  ["StartBuild", "status 500", 4],
  ["BatchGetBuilds", "status 500", 6],
  ["BatchGetBuilds", "a reset", 6],
];
Deno.test("`start()` ends in bounded time, with the right exit code and nothing left, when a fault lasts", async () => {
  await Promise.all(LASTING.map(async ([call, name, code]) => {
    const fault = FAULTS[name];
    assert.ok(fault);
    await using aws = startFakeAws({ stages: READY, lasting: { [call]: fault } });
    const run = await runInProcess(stepEnvironment(aws, { STARTUP_TIMEOUT: "300" }));
    assert.equal(run.code, code, `${name} at ${call}: ${run.stderr}`);
    assert.equal(aws.builds.length, code === 4 ? 0 : 1, `${name} at ${call}`);
    // Of whose progress nothing is known, a build is left to its agent.
    const left = code === 0 || call === "BatchGetBuilds";
    assert.equal(aws.running().length, left ? 1 : 0, `${name} at ${call}`);
    if (code === 4) assert.match(run.stderr, new RegExp(`error: Cannot call ${call}: .*after 5 attempts`));
  }));
});

Deno.test("`start()` takes up a build of which no answer has arrived", async () => {
  await using aws = startFakeAws({ stages: READY, lasting: { StartBuild: "reset after" } });
  const { code, stderr } = await runInProcess(stepEnvironment(aws));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /has started build ci:0+-0000-4000-8000-000000000001, although its answer got lost/);
});

Deno.test("`start()` says where to look when nobody can tell whether a build was started", async () => {
  await using aws = startFakeAws({
    lasting: { StartBuild: "reset after", ListBuildsForProject: { error: "AccessDeniedException" } },
  });
  const { code, stderr } = await runInProcess(stepEnvironment(aws));
  assert.equal(code, 4, stderr);
  assert.match(stderr, /look at the builds of project ci/);
});
