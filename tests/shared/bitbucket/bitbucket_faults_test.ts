import assert from "node:assert/strict";
import type { Bitbucket } from "../../../shared/bitbucket/bitbucket.ts";
import { ApiError, CredentialsError } from "../../../shared/program/errors.ts";
import { type ClientSetup, clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import type { FakeFault } from "../../fixtures/servers/fake_bitbucket.ts";
import type { FakeRunner, FakeState, RouteName } from "../../fixtures/servers/fake_bitbucket_state.ts";

const NAME = "codebuild-app-00000000-0000-4000-8000-000000000001";
const PIPELINE = "{44444444-4444-4444-8444-444444444444}";
const LABELS = ["self.hosted", "linux.shell"];

interface Case {
  readonly route: RouteName;
  /** What the error is to call it. */
  readonly call: string;
  readonly prepare?: (state: FakeState) => void;
  readonly perform: (bitbucket: Bitbucket, runner: FakeRunner) => Promise<unknown>;
  /** Whether the answer says nothing that is needed, so that fields cannot be missing. */
  readonly blind?: boolean;
  /** What has to hold once the call has succeeded. */
  readonly check?: (result: unknown, state: FakeState, runner: FakeRunner) => void;
}

const CASES: readonly Case[] = [
  { route: "token", call: "get an OAuth token", perform: (bitbucket) => bitbucket.getPipeline(PIPELINE) },
  {
    route: "list runners",
    call: "list runners",
    perform: (bitbucket) => bitbucket.listRunners(),
    check: (result) => assert.equal((result as unknown[]).length, 1),
  },
  {
    route: "create runner",
    call: "create runner",
    perform: (bitbucket) => bitbucket.createRunner({ name: NAME, labels: LABELS }),
    check(result, state) {
      const named = state.runners.filter((runner) => runner.name === NAME);
      assert.deepEqual(named.map((runner) => runner.uuid), [(result as FakeRunner).uuid]);
    },
  },
  {
    route: "get runner",
    call: "get runner",
    perform: (bitbucket, { uuid }) => bitbucket.getRunner(uuid),
    check: (result, _state, { uuid }) => assert.equal((result as FakeRunner).uuid, uuid),
  },
  {
    route: "delete runner",
    call: "delete runner",
    blind: true,
    perform: (bitbucket, { uuid }) => bitbucket.deleteRunner(uuid),
    check: (_result, state) => assert.equal(state.runners.length, 0),
  },
  {
    route: "get pipeline",
    call: "get pipeline",
    perform: (bitbucket) => bitbucket.getPipeline(PIPELINE),
    check: (result) => assert.equal((result as { uuid: string }).uuid, PIPELINE),
  },
  {
    route: "list steps",
    call: "list steps",
    perform: (bitbucket) => bitbucket.listSteps(PIPELINE),
    check: (result) => assert.equal((result as unknown[]).length, 1),
  },
  {
    route: "list pipelines",
    call: "list pipelines",
    perform: (bitbucket) => bitbucket.listUnfinishedPipelines(),
    check: (result) => assert.equal((result as unknown[]).length, 1),
  },
];

const CLOSING: Case = {
  route: "update runner",
  call: "close runner",
  blind: true,
  perform: (bitbucket, { uuid }) => bitbucket.closeRunner({ uuid, name: "idle", labels: LABELS }),
  check: (_result, state) => assert.equal(state.runners[0]?.state.status, "DISABLED"),
};

const FAULTS: readonly FakeFault[] = [
  ...[408, 429, 500, 502, 503, 504].map((status): FakeFault => ({ kind: "status", status })),
  { kind: "status", status: 429, headers: { "retry-after": "3" }, body: "Rate limit exceeded" },
  { kind: "status", status: 503, headers: { "retry-after": "3" }, body: "<html>Maintenance</html>" },
  ...([true, false].flatMap((acted): FakeFault[] => [{ kind: "reset", acted }, { kind: "hang", acted }])),
  { kind: "html", acted: true },
  { kind: "html", acted: false },
  { kind: "truncated", acted: true },
  { kind: "cut off", acted: true },
  { kind: "stall", acted: true },
  { kind: "missing fields", acted: true },
];

const CLOSING_THE_OLD_WAY: Case = {
  ...CLOSING,
  route: "set runner state",
  prepare: (state) => state.closing.public = false,
};

for (const one of [...CASES, CLOSING, CLOSING_THE_OLD_WAY]) {
  Deno.test(`one fault at the request «${one.route}» does not fail it, and it leaves no double`, async () => {
    await Promise.all(faultsFor(one).map((fault) => succeedsDespite(one, fault)));
  });
}

for (const one of CASES) {
  Deno.test(`a lasting fault at the request «${one.route}» ends its call after five attempts`, async () => {
    await Promise.all(faultsFor(one).map((fault) => failsBecauseOf(one, fault)));
  });
}

Deno.test("one 401 in the middle fails no call, whatever the credentials", async () => {
  const CLOSING_THE_OLD_WAY: Case = {
    ...CLOSING,
    route: "set runner state",
    prepare: (state) => state.closing.public = false,
  };

  for (const one of [...CASES, CLOSING, CLOSING_THE_OLD_WAY]) {
    if (one.route !== "token") await succeedsDespite(one, { kind: "status", status: 401 });
  }
});

async function succeedsDespite(one: Case, fault: FakeFault): Promise<void> {
  await using setup = await setupFor(fault);
  const runner = seed(setup.fake.state);
  one.prepare?.(setup.fake.state);
  setup.fake.plan({ route: one.route, fault, times: 1 });
  const label = JSON.stringify(fault);
  const result = await one.perform(setup.bitbucket, runner).catch((error) =>
    assert.fail(`${label}: ${error}`)
  );
  assert.ok(setup.fake.count(one.route) >= 2, label);
  one.check?.(result, setup.fake.state, runner);
}

async function failsBecauseOf(one: Case, fault: FakeFault): Promise<void> {
  await using setup = await setupFor(fault);
  const runner = seed(setup.fake.state);
  setup.fake.plan({ route: one.route, fault, times: 1000 });
  const label = `${one.call}, ${JSON.stringify(fault)}`;
  await assert.rejects(one.perform(setup.bitbucket, runner), (error) => {
    assert.ok(error instanceof ApiError, `${label}: ${error}`);
    assert.equal(error.call, one.call);
    assert.match(error.message, new RegExp(`^Cannot ${one.call}: .* in 5 attempts`));
    return true;
  });
  // Deno's fetch repeats what breaks on a used connection once by itself, where repeating does no harm.
  const repeated = fault.kind === "reset" && one.route !== "create runner" ? [5, 6] : [5];
  assert.ok(repeated.includes(setup.fake.count(one.route)), label);
  if (one.route === "create runner") assert.equal(setup.fake.state.runners.length, 1, label);
}

function faultsFor(one: Case): readonly FakeFault[] {
  return one.blind ? FAULTS.filter((fault) => fault.kind !== "missing fields") : FAULTS;
}

function setupFor(fault: FakeFault): Promise<ClientSetup> {
  return clientSetup(fault.kind === "hang" || fault.kind === "stall" ? { apiTimeoutS: 0.2 } : {});
}

/** One runner that is nobody's concern, one pipeline with a step. */
function seed(state: FakeState): FakeRunner {
  const name = { name: "IN_PROGRESS" };
  state.pipelines.push({ uuid: PIPELINE, build_number: 1, state: { ...name, stage: { name: "RUNNING" } } });
  state.steps.push({ uuid: "{55555555-5555-4555-8555-555555555555}", state: name });
  return state.addRunner({ name: "idle" });
}

Deno.test("a lasting 401 is a refusal of the credentials, after one repetition", async () => {
  await using setup = await clientSetup({ credentials: { kind: "access token", token: "a-token-unknown" } });
  await assert.rejects(setup.bitbucket.listRunners(), (error) => {
    assert.ok(error instanceof CredentialsError);
    assert.match(error.message, /^Cannot list runners: Bitbucket answered 401 .*Access token expired/);
    assert.match(error.hint ?? "", /BITBUCKET_ACCESS_TOKEN/);
    return true;
  });
  assert.equal(setup.fake.count("list runners"), 2);
});
