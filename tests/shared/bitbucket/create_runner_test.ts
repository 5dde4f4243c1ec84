import assert from "node:assert/strict";
import { ApiError } from "../../../shared/program/errors.ts";
import { clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import { errorBody } from "../../fixtures/servers/fake_bitbucket_state.ts";

const RUNNER = { name: "codebuild-app-1", labels: ["self.hosted", "linux"] };

Deno.test("a smooth `createRunner()` is a single request, and so is the later deletion", async () => {
  await using setup = await clientSetup();
  const created = await setup.bitbucket.createRunner(RUNNER);
  await setup.bitbucket.deleteRunner(created.uuid);
  assert.deepEqual(setup.fake.requests.map(({ route }) => route), [
    "token",
    "create runner",
    "delete runner",
  ]);
});

Deno.test("`createRunner()` sends a refused request again without looking for doubles", async () => {
  await using setup = await clientSetup();
  const fault = { kind: "status", status: 429, headers: { "retry-after": "5" } } as const;
  setup.fake.plan({ route: "create runner", fault, times: 2 });
  await setup.bitbucket.createRunner(RUNNER);
  assert.equal(setup.fake.count("list runners"), 0);
  assert.equal(setup.fake.state.runners.length, 1);
});

Deno.test("a runner that appears after the time limit is gone once its double is deleted", async () => {
  await using setup = await clientSetup({ apiTimeoutS: 0.2 });
  const late: (() => void)[] = [];
  const release = (act: () => void) => void late.push(act);
  setup.fake.plan({ route: "create runner", fault: { kind: "late", release }, times: 1 });
  const created = await setup.bitbucket.createRunner(RUNNER);
  for (const act of late) act();
  assert.equal(setup.fake.state.runners.length, 2);
  await setup.bitbucket.deleteRunner(created.uuid);
  assert.deepEqual(setup.fake.state.runners, []);
});

Deno.test("a runner that appears between two attempts is gone when `createRunner()` is done", async () => {
  await using setup = await clientSetup({ apiTimeoutS: 0.2 });
  const late: (() => void)[] = [];
  const release = (act: () => void) => void late.push(act);
  setup.fake.plan({ route: "create runner", fault: { kind: "late", release }, times: 1 });
  setup.fake.beforeAnswer = (route) => {
    if (route === "create runner") late.splice(0).forEach((act) => act());
  };
  const created = await setup.bitbucket.createRunner(RUNNER);
  assert.deepEqual(setup.fake.state.runners.map(({ uuid }) => uuid), [created.uuid]);
});

Deno.test("`createRunner()` touches no runner of another name", async () => {
  await using setup = await clientSetup();
  setup.fake.state.addRunner({ name: "codebuild-app-12" });
  setup.fake.plan({ route: "create runner", fault: { kind: "reset", acted: true }, times: 2 });
  await setup.bitbucket.createRunner(RUNNER);
  const names = setup.fake.state.runners.map((runner) => runner.name);
  assert.deepEqual(names, ["codebuild-app-12", "codebuild-app-1"]);
});

Deno.test("`createRunner()` leaves nothing behind when it is aborted while the request is under way", async () => {
  await using setup = await clientSetup();
  const controller = new AbortController();
  const reason = new Error("Enough");
  await setup.bitbucket.listRunners();
  setup.fake.beforeAnswer = (route) => {
    if (route === "create runner") controller.abort(reason);
  };
  await assert.rejects(setup.bitbucket.createRunner(RUNNER, { signal: controller.signal }), reason);
  assert.equal(setup.fake.count("create runner"), 1);
  assert.deepEqual(setup.fake.state.runners, []);
});

Deno.test("`createRunner()` leaves nothing behind when it is aborted after an uncertain attempt", async () => {
  await using setup = await clientSetup();
  const controller = new AbortController();
  const reason = new Error("Enough");
  await setup.bitbucket.listRunners();
  setup.fake.beforeAnswer = (route) => {
    if (route === "create runner") controller.abort(reason);
  };
  setup.fake.plan({ route: "create runner", fault: { kind: "reset", acted: true }, times: 1 });
  await assert.rejects(setup.bitbucket.createRunner(RUNNER, { signal: controller.signal }), reason);
  assert.deepEqual(setup.fake.state.runners, []);
});

const REFUSALS: readonly (readonly [unknown, RegExp])[] = [
  [errorBody("Bad request", "Runner limit exceeded"), /100 runners.*labels are lower-case/],
  [errorBody("Invalid label: Linux"), /^Check RUNNER_LABEL: labels are .*these: self\.hosted, linux/],
];

for (const [body, hint] of REFUSALS) {
  Deno.test(`\`createRunner()\` hints at the remedy of a 400: ${JSON.stringify(body)}`, async () => {
    await using setup = await clientSetup();
    setup.fake.plan({ route: "create runner", fault: { kind: "status", status: 400, body }, times: 1 });
    await assert.rejects(setup.bitbucket.createRunner(RUNNER), (error) => {
      assert.ok(error instanceof ApiError);
      assert.match(
        error.message,
        /^Cannot create runner: Bitbucket answered 400 to POST …\/pipelines-config\/runners/,
      );
      assert.match(error.hint ?? "", hint);
      return true;
    });
  });
}

Deno.test("a 409 at `createRunner()` is treated as an uncertain attempt", async () => {
  await using setup = await clientSetup();
  setup.fake.state.addRunner({ name: RUNNER.name });
  setup.fake.plan({ route: "create runner", fault: { kind: "status", status: 409 }, times: 1 });
  const created = await setup.bitbucket.createRunner(RUNNER);
  assert.deepEqual(setup.fake.state.runners.map(({ uuid }) => uuid), [created.uuid]);
});

const SAID: readonly (readonly [object, RegExp])[] = [
  [
    { key: "runner.label.reserved", message: "A label is reserved", arguments: { label: "linux2" } },
    /^Cannot create runner: Bitbucket says «A label is reserved; runner\.label\.reserved; \{"label":"linux2"\}»$/,
  ],
  [{ key: "runner.limit" }, /^Cannot create runner: Bitbucket says «runner\.limit»$/],
];

for (const [error, message] of SAID) {
  Deno.test(`\`createRunner()\` reads an error in a reply with status 200: ${JSON.stringify(error)}`, async () => {
    await using setup = await clientSetup();
    const runner = setup.fake.state.addRunner({ name: RUNNER.name });
    const oauth_client = { id: "client", secret: "secret-of-a-runner" };
    const body = { ...runner, oauth_client, error };
    setup.fake.plan({ route: "create runner", fault: { kind: "status", status: 200, body }, times: 9 });
    await assert.rejects(setup.bitbucket.createRunner(RUNNER), (failure) => {
      assert.ok(failure instanceof ApiError);
      assert.match(failure.message, message);
      assert.match(failure.hint ?? "", /labels are lower-case letters/);
      return true;
    });
    assert.equal(setup.fake.count("create runner"), 1, "asking again would not help");
    assert.deepEqual(setup.fake.state.runners, [], "what was registered all the same is gone");
  });
}

Deno.test("`createRunner()` reads an error in a reply without a runner", async () => {
  await using setup = await clientSetup();
  const body = { error: { message: "No more runners" } };
  setup.fake.plan({ route: "create runner", fault: { kind: "status", status: 200, body }, times: 1 });
  await assert.rejects(setup.bitbucket.createRunner(RUNNER), /Bitbucket says «No more runners»/);
  assert.equal(setup.fake.count("delete runner"), 0);
});

Deno.test("`createRunner()` takes an error that says nothing for none", async () => {
  await using setup = await clientSetup();
  const runner = setup.fake.state.addRunner({ name: RUNNER.name });
  const body = { ...runner, oauth_client: { id: "client", secret: "secret-of-a-runner" }, error: null };
  setup.fake.plan({ route: "create runner", fault: { kind: "status", status: 200, body }, times: 1 });
  assert.equal((await setup.bitbucket.createRunner(RUNNER)).uuid, runner.uuid);
});
