import assert from "node:assert/strict";
import { type ClientSetup, clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import type { FakeRunner, RouteName } from "../../fixtures/servers/fake_bitbucket_state.ts";

interface Case {
  readonly when: string;
  readonly closing: { public: boolean; state: boolean; refusal: number };
  readonly form: "public" | "state" | "refused";
  readonly status: string;
  readonly routes: readonly RouteName[];
}

const PUBLIC = ["update runner", "get runner"] as const;
const PUBLIC_IN_VAIN = ["update runner", "get runner", "get runner"] as const;
const OLDER = ["set runner state", "get runner"] as const;
const REFUSED = ["update runner", "set runner state", "get runner"] as const;

const CASES: readonly Case[] = [
  {
    when: "the public form works",
    closing: { public: true, state: true, refusal: 0 },
    form: "public",
    status: "DISABLED",
    routes: PUBLIC,
  },
  {
    when: "the public form is accepted without effect",
    closing: { public: false, state: true, refusal: 0 },
    form: "state",
    status: "DISABLED",
    routes: [...PUBLIC_IN_VAIN, ...OLDER],
  },
  ...[400, 403, 405].map((refusal): Case => ({
    when: `the public form is refused with ${refusal}`,
    closing: { public: false, state: true, refusal },
    form: "state",
    status: "DISABLED",
    routes: ["update runner", ...OLDER],
  })),
  ...[400, 403, 405].map((refusal): Case => ({
    when: `both forms are refused with ${refusal}`,
    closing: { public: false, state: false, refusal },
    form: "refused",
    status: "ONLINE",
    routes: REFUSED,
  })),
  {
    when: "both forms are refused with 404",
    closing: { public: false, state: false, refusal: 404 },
    form: "refused",
    status: "ONLINE",
    routes: ["update runner", "get runner", "set runner state", "get runner"],
  },
  {
    when: "neither form has an effect",
    closing: { public: false, state: false, refusal: 0 },
    form: "refused",
    status: "ONLINE",
    routes: [...PUBLIC_IN_VAIN, "set runner state", "get runner", "get runner"],
  },
];

for (const one of CASES) {
  Deno.test(`\`closeRunner()\` when ${one.when}`, async () => {
    await using setup = await clientSetup();
    const runner = online(setup);
    setup.fake.state.closing = one.closing;
    const result = await setup.bitbucket.closeRunner(runner);
    assert.equal(result.form, one.form);
    assert.equal(typeof result.runner === "object" && result.runner.state.status, one.status);
    assert.deepEqual(setup.fake.requests.slice(1).map(({ route }) => route), one.routes);
  });
}

Deno.test("`closeRunner()` trusts the form that worked for another runner, and says once which it is", async () => {
  await using setup = await clientSetup();
  setup.fake.state.closing = { public: false, state: true, refusal: 0 };
  const [first, second, third] = [online(setup), online(setup), online(setup)];
  const closed = await Promise.all([first, second, third].map((one) => setup.bitbucket.closeRunner(one)));
  assert.deepEqual(closed.map(({ runner }) => runner === "trusted"), [false, true, true]);
  const routes = setup.fake.requests.map(({ route }) => route);
  assert.deepEqual(routes.slice(-4), [...OLDER, "set runner state", "set runner state"]);
  assert.ok(setup.fake.state.runners.every(({ state }) => state.status === "DISABLED"));
  const said = setup.host.written.filter((line) =>
    line.includes("closed to new steps by the older state address")
  );
  assert.equal(said.length, 1);
});

Deno.test("`closeRunner()` reads a runner back that it has to close again", async () => {
  await using setup = await clientSetup();
  const [first, second] = [online(setup), online(setup)];
  for (const runner of [first, second]) await setup.bitbucket.closeRunner(runner);
  setup.fake.state.closing = { public: false, state: true, refusal: 0 };
  for (const { state } of setup.fake.state.runners) state.status = "ONLINE";
  const again = await setup.bitbucket.closeRunner(second);
  assert.equal(again.form, "state");
  assert.notEqual(again.runner, "trusted");
});

Deno.test("`closeRunner()` looks a second time before it holds a form for ineffective", async () => {
  await using setup = await clientSetup();
  setup.fake.state.staleReads = 1;
  const result = await setup.bitbucket.closeRunner(online(setup));
  assert.equal(result.form, "public");
  assert.equal(setup.fake.count("set runner state"), 0);
});

Deno.test("`closeRunner()` finds out that the runner is gone", async () => {
  await using setup = await clientSetup();
  const runner = online(setup);
  setup.fake.state.runners = [];
  assert.equal((await setup.bitbucket.closeRunner(runner)).runner, undefined);
});

Deno.test("`closeRunner()` repeats a collision of state updates", async () => {
  await using setup = await clientSetup();
  setup.fake.plan({ route: "update runner", fault: { kind: "status", status: 409 }, times: 2 });
  assert.equal((await setup.bitbucket.closeRunner(online(setup))).form, "public");
});

Deno.test("`closeRunner()` goes on to the other form when one fails for good", async () => {
  await using setup = await clientSetup();
  setup.fake.plan({ route: "update runner", fault: { kind: "status", status: 500 }, times: 1000 });
  assert.equal((await setup.bitbucket.closeRunner(online(setup))).form, "state");
});

Deno.test("`closeRunner()` tries both forms where it cannot be read back what they did", async () => {
  await using setup = await clientSetup();
  const runner = online(setup);
  setup.fake.plan({ route: "get runner", fault: { kind: "status", status: 500 }, times: 1000 });
  assert.equal((await setup.bitbucket.closeRunner(runner)).runner, "unread");
  assert.equal(runner.state.status, "DISABLED");
  assert.equal(setup.fake.count("update runner") + setup.fake.count("set runner state"), 2);
});

Deno.test("`closeRunner()` fails only when nothing can be learned about the runner", async () => {
  await using setup = await clientSetup();
  for (const route of ["update runner", "set runner state", "get runner"] as const) {
    setup.fake.plan({ route, fault: { kind: "status", status: 500 }, times: 1000 });
  }
  await assert.rejects(setup.bitbucket.closeRunner(online(setup)), /^ApiError: Cannot get runner/);
});

function online({ fake }: ClientSetup): FakeRunner {
  return fake.state.addRunner({
    name: "one",
    state: { status: "ONLINE", updated_on: "2026-11-21T04:00:00Z" },
  });
}
