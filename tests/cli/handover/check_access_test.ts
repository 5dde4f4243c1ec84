import assert from "node:assert/strict";
import { InterruptedError } from "../../../shared/program/errors.ts";
import { type FakeAwsOptions, startFakeAws } from "../../fixtures/servers/fake_aws.ts";
import { FakeBitbucket, type FakeFault } from "../../fixtures/servers/fake_bitbucket.ts";
import { errorBody, type RouteName } from "../../fixtures/servers/fake_bitbucket_state.ts";
import {
  bitbucketEnvironment,
  type InProcessOptions,
  runInProcess,
  stepEnvironment,
} from "../../fixtures/programs/start_runner.ts";

const NO_CONSUMER = { BITBUCKET_OAUTH_CLIENT_ID: "", BITBUCKET_OAUTH_CLIENT_SECRET: "" };
const ACCESS_TOKEN = { ...NO_CONSUMER, BITBUCKET_ACCESS_TOKEN: "an-access-token" };
const API_TOKEN = { ...NO_CONSUMER, BITBUCKET_API_EMAIL: "a@b.test", BITBUCKET_API_TOKEN: "an-api-token" };

interface Scene {
  readonly env?: Record<string, string>;
  readonly aws?: FakeAwsOptions;
  readonly options?: InProcessOptions;
  readonly before?: (bitbucket: FakeBitbucket) => void;
}

async function start({ env = {}, aws: awsOptions = {}, options, before }: Scene) {
  await using bitbucket = await FakeBitbucket.start();
  await using aws = startFakeAws(awsOptions);
  const { state } = bitbucket;
  if ("BITBUCKET_ACCESS_TOKEN" in env || "BITBUCKET_API_TOKEN" in env) {
    state.accepted = new Set(["Bearer an-access-token", `Basic ${btoa("a@b.test:an-api-token")}`]);
  }
  before?.(bitbucket);
  const all = stepEnvironment(aws, { ...bitbucketEnvironment(bitbucket), ...env });
  const run = await runInProcess(all, { speed: 10, ...options });
  return { ...run, builds: aws.builds.length, asked: bitbucket.requests.map(({ route }) => route) };
}

function fails(route: RouteName, fault: FakeFault): (bitbucket: FakeBitbucket) => void {
  return (bitbucket) => bitbucket.plan({ route, fault, times: 99 });
}

function forbidden(...required: string[]): FakeFault {
  const body = errorBody("Your credentials lack one or more required privilege scopes.");
  const detail = { granted: [], required };
  return { kind: "status", status: 403, body: { ...body, error: { ...body.error, detail } } };
}

const says = (scopes: string) => (bitbucket: FakeBitbucket) => {
  bitbucket.state.scopes = scopes;
};
const shows = (scopes: string) => (bitbucket: FakeBitbucket) => {
  bitbucket.extraHeaders["x-oauth-scopes"] = scopes;
};

const REFUSED: readonly (readonly [what: string, scene: Scene, error: RegExp, hint: RegExp])[] = [
  [
    "a wrong secret of a consumer",
    { env: { BITBUCKET_OAUTH_CLIENT_SECRET: "wrong" } },
    /error: Cannot get an OAuth token: .*Invalid OAuth client credentials/,
    /hint: Check BITBUCKET_OAUTH_CLIENT_ID and BITBUCKET_OAUTH_CLIENT_SECRET/,
  ],
  [
    "a wrong access token",
    { env: { ...ACCESS_TOKEN, BITBUCKET_ACCESS_TOKEN: "wrong" } },
    /error: Cannot list runners: Bitbucket answered 401/,
    /hint: Check BITBUCKET_ACCESS_TOKEN/,
  ],
  [
    "a wrong API token",
    { env: { ...API_TOKEN, BITBUCKET_API_TOKEN: "wrong" } },
    /error: Cannot list runners: Bitbucket answered 401/,
    /hint: Check BITBUCKET_API_EMAIL and BITBUCKET_API_TOKEN/,
  ],
  [
    "a consumer without a scope for runners",
    {
      before: (
        bitbucket,
      ) => (says("pipeline")(bitbucket), fails("list runners", forbidden("runner"))(bitbucket)),
    },
    /error: Cannot list runners: .*missing scope: runner$/m,
    /hint: Add the scope runner to the OAuth consumer/,
  ],
  [
    "a consumer that may read runners alone",
    { before: says("runner pipeline") },
    /error: Cannot register runners with the step's Bitbucket credentials; missing scope: runner:write/,
    /hint: Add the scope runner:write to the OAuth consumer/,
  ],
  [
    "an access token that may read runners alone",
    { env: ACCESS_TOKEN, before: shows("runner, pipeline") },
    /error: Cannot register runners .*missing scope: runner:write/,
    /hint: Create an access token with the scope runner:write/,
  ],
  [
    "an API token that may read runners alone",
    { env: API_TOKEN, before: shows("read:runner:bitbucket, read:pipeline:bitbucket") },
    /error: Cannot register runners .*missing scope: runner:write/,
    /hint: Create an API token with the scope runner:write \(write:runner:bitbucket\)/,
  ],
  [
    "a consumer without a scope for pipelines",
    {
      before: (
        bitbucket,
      ) => (says("runner:write")(bitbucket), fails("get pipeline", forbidden("pipeline"))(bitbucket)),
    },
    /error: Cannot get pipeline: .*missing scope: pipeline$/m,
    /hint: Add the scope pipeline to the OAuth consumer/,
  ],
  [
    "credentials that may not see the repository",
    { env: ACCESS_TOKEN, before: fails("list runners", { kind: "status", status: 404 }) },
    /error: Cannot list runners: Bitbucket answered 404/,
    /hint: Check WORKSPACE_UUID, REPO_UUID .* may see the repository/,
  ],
];

for (const [what, scene, error, hint] of REFUSED) {
  Deno.test(`${what} ends a start before any build, with 3`, async () => {
    // Only a consumer has tokens to give.
    const modes = scene.env?.["BITBUCKET_OAUTH_CLIENT_ID"] === "" ? ["secret"] : ["secret", "token"];
    for (const RUNNER_CREDENTIALS of modes) {
      const { code, stderr, builds } = await start({ ...scene, env: { ...scene.env, RUNNER_CREDENTIALS } });
      assert.equal(code, 3, stderr);
      assert.match(stderr, error);
      assert.match(stderr, hint);
      assert.equal(stderr.match(/^error: /gm)?.length, 1, stderr);
      assert.equal(builds, 0);
    }
  });
}

const GOOD: readonly (readonly [what: string, scene: Scene, asked: readonly RouteName[]])[] = [
  ["a consumer", {}, ["token"]],
  ["a consumer in mode token", { env: { RUNNER_CREDENTIALS: "token" } }, ["token"]],
  ["a consumer in mode project", { env: { RUNNER_CREDENTIALS: "project" } }, []],
  ["an access token", { env: ACCESS_TOKEN }, ["list runners"]],
  ["an API token", { env: API_TOKEN }, ["list runners"]],
  ["an access token whose scopes are shown", {
    env: ACCESS_TOKEN,
    before: shows("runner:write, pipeline"),
  }, ["list runners"]],
  ["a consumer of whose scopes nothing is said", { before: says("") }, ["token", "list runners"]],
  ["a consumer whose scopes do not say what it may", { before: says("account") }, ["token", "list runners"]],
  ["a consumer that may see pipelines all the same", {
    before: says("runner:write"),
  }, ["token", "list runners", "get pipeline"]],
];

for (const [what, scene, asked] of GOOD) {
  Deno.test(`${what} is tried with ${asked.length} requests`, async () => {
    const run = await start(scene);
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(run.asked, asked);
  });
}

const FAULTS: readonly FakeFault[] = [
  { kind: "status", status: 429, headers: { "retry-after": "60" } },
  { kind: "status", status: 500 },
  { kind: "status", status: 410 },
  { kind: "reset", acted: false },
  { kind: "hang", acted: false },
  { kind: "html", acted: false },
];

Deno.test("a start goes on, within seconds, where Bitbucket does not say what the credentials are worth", async () => {
  for (const fault of FAULTS) {
    const run = await start({ env: ACCESS_TOKEN, before: fails("list runners", fault) });
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /warning: .*; going on, though the step's Bitbucket credentials are untried/);
    assert.equal(run.builds, 1);
  }
});

Deno.test("what STS refuses ends a start at once, whatever Bitbucket is doing", async () => {
  const { code, stderr } = await start({
    env: ACCESS_TOKEN,
    aws: { lasting: { AssumeRoleWithWebIdentity: { error: "AccessDenied", status: 403 } } },
    before: fails("list runners", { kind: "hang", acted: false }),
    options: { speed: 1 },
  });
  assert.equal(code, 3, stderr);
  assert.match(stderr, /error: Cannot call AssumeRoleWithWebIdentity/);
  assert.doesNotMatch(stderr, /untried/);
});

Deno.test("a signal ends a start while its credentials are tried", async () => {
  const interruption = new AbortController();
  const { code, builds } = await start({
    options: { signal: interruption.signal },
    before: (bitbucket) => bitbucket.beforeAnswer = () => interruption.abort(new InterruptedError("SIGTERM")),
  });
  assert.deepEqual([code, builds], [143, 0]);
});
