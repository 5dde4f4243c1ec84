import assert from "node:assert/strict";
import { type LeftoverRemoval, removeLeftovers } from "../../../shared/leftovers/leftovers.ts";
import { runnerName } from "../../../shared/leftovers/runner_name.ts";
import { type ClientSetup, clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import type { FakeRunner } from "../../fixtures/servers/fake_bitbucket_state.ts";

function buildId(number: number): string {
  return `app:00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

/** A runner of one of this project's builds, in the given state for so many minutes. */
function add({ fake }: ClientSetup, number: number, status: string, minutes: number): FakeRunner {
  // The server tells its time in whole seconds: half a minute more keeps the minutes certain.
  const time = new Date(Date.now() - (minutes + 0.5) * 60_000).toISOString();
  return fake.state.addRunner({
    name: runnerName(buildId(number)),
    state: { status, updated_on: time },
    created_on: time,
  });
}

function remove(setup: ClientSetup, change: Partial<LeftoverRemoval> = {}) {
  const { bitbucket, host, log } = setup;
  return removeLeftovers({ bitbucket, project: "app", uncertain: "look twice", host, log, ...change });
}

function names({ fake }: ClientSetup): string[] {
  return fake.state.runners.map((runner) => runner.name);
}

Deno.test("`removeLeftovers()` removes what dead builds left, and nothing else", async () => {
  await using setup = await clientSetup();
  add(setup, 1, "OFFLINE", 60);
  add(setup, 2, "UNREGISTERED", 60);
  add(setup, 3, "DISABLED", 60);
  add(setup, 4, "ONLINE", 6000);
  add(setup, 5, "UNREGISTERED", 1);
  setup.fake.state.addRunner({ name: "somebody-else" });
  const summary = await remove(setup);
  assert.deepEqual(summary.removed, [1, 2].map((number) => runnerName(buildId(number))));
  assert.deepEqual(names(setup), [
    ...[3, 4, 5].map((number) => runnerName(buildId(number))),
    "somebody-else",
  ]);
  assert.deepEqual(summary.kept.map(({ reason }) => reason), [
    "it is DISABLED for 60 min",
    "it is UNREGISTERED for 1 min",
  ]);
  assert.ok(
    setup.host.sleeps.some((ms) => ms > 30_000),
    "a live runner reports itself between the two looks",
  );
});

Deno.test("`removeLeftovers()` costs one request and no wait where there is nothing to remove", async () => {
  await using setup = await clientSetup();
  add(setup, 1, "ONLINE", 60);
  assert.deepEqual((await remove(setup)).removed, []);
  assert.deepEqual(setup.fake.requests.map(({ route }) => route), ["token", "list runners"]);
  assert.deepEqual(setup.host.sleeps, []);
});

Deno.test("`removeLeftovers()` asks about runners that seem alive, since the container may be gone", async () => {
  await using setup = await clientSetup();
  add(setup, 1, "ONLINE", 1);
  add(setup, 2, "ONLINE", 1);
  const buildsEnded = () => Promise.resolve(new Map([[buildId(1), true], [buildId(2), false]]));
  const summary = await remove(setup, { buildsEnded });
  assert.deepEqual(summary.removed, [runnerName(buildId(1))]);
  assert.deepEqual(names(setup), [runnerName(buildId(2))]);
  assert.ok(setup.host.sleeps.every((ms) => ms < 1000), "nobody has to wait for what CodeBuild is sure of");
});

Deno.test("`removeLeftovers()` asks once, and not at all where there are only strangers", async () => {
  await using setup = await clientSetup();
  let asked = 0;
  const buildsEnded = () => {
    asked++;
    return Promise.resolve(new Map());
  };
  setup.fake.state.addRunner({ name: "somebody-else" });
  await remove(setup, { buildsEnded });
  assert.equal(asked, 0);
  add(setup, 1, "ONLINE", 1);
  add(setup, 2, "OFFLINE", 1);
  await remove(setup, { buildsEnded });
  assert.equal(asked, 1);
});

Deno.test("`removeLeftovers()` leaves what only age speaks against where it is told to", async () => {
  await using setup = await clientSetup();
  add(setup, 1, "OFFLINE", 60);
  add(setup, 2, "ONLINE", 1);
  const buildsEnded = () => Promise.resolve(new Map([[buildId(2), true]]));
  const summary = await remove(setup, { buildsEnded, uncertain: "leave" });
  assert.deepEqual(summary.removed, [runnerName(buildId(2))]);
  assert.deepEqual(summary.kept.map(({ reason }) => reason), ["it is OFFLINE for 60 min; left for later"]);
  assert.ok(setup.host.sleeps.every((ms) => ms < 1000));
});

Deno.test("`removeLeftovers()` never touches a runner of another project that shortens to the same", async () => {
  await using setup = await clientSetup();
  const uuid = "00000000-0000-4000-8000-000000000001";
  const theirs = runnerName(`bitbucket-runner:${uuid}`);
  const time = new Date(Date.now() - 3_600_000).toISOString();
  setup.fake.state.addRunner({
    name: theirs,
    state: { status: "OFFLINE", updated_on: time },
    created_on: time,
  });
  const buildsEnded = () => Promise.resolve(new Map());
  await remove(setup, { project: "bitbucket-runner", buildsEnded });
  assert.deepEqual(names(setup), [theirs]);
});

Deno.test("`removeLeftovers()` believes what is known of the builds more than any age", async () => {
  await using setup = await clientSetup();
  add(setup, 1, "OFFLINE", 60);
  add(setup, 2, "DISABLED", 1);
  add(setup, 3, "UNREGISTERED", 0);
  add(setup, 4, "OFFLINE", 60);
  const asked: string[] = [];
  const buildsEnded = (ids: readonly string[]) => {
    asked.push(...ids);
    return Promise.resolve(new Map([[buildId(1), false], [buildId(2), true], [buildId(3), false]]));
  };
  const summary = await remove(setup, { buildsEnded });
  assert.deepEqual(asked, [1, 2, 3, 4].map(buildId));
  assert.deepEqual(summary.removed, [2, 4].map((number) => runnerName(buildId(number))));
});

for (const [how, answer] of [["answers nothing", undefined], ["fails", new Error("AccessDenied")]] as const) {
  Deno.test(`\`removeLeftovers()\` goes by age when asking about the builds ${how}`, async () => {
    await using setup = await clientSetup();
    add(setup, 1, "OFFLINE", 60);
    add(setup, 2, "DISABLED", 60);
    const buildsEnded = () => answer === undefined ? Promise.resolve(undefined) : Promise.reject(answer);
    assert.deepEqual((await remove(setup, { buildsEnded })).removed, [runnerName(buildId(1))]);
  });
}

Deno.test("`removeLeftovers()` never touches the own runner", async () => {
  await using setup = await clientSetup();
  const { name } = add(setup, 1, "OFFLINE", 60);
  const buildsEnded = () => Promise.resolve(new Map([[buildId(1), true]]));
  await remove(setup, { isOwn: (runner) => runner.name === name, buildsEnded });
  assert.deepEqual(names(setup), [name]);
});

const CHANGES: readonly (readonly [string, (runner: FakeRunner) => void])[] = [
  ["came online", (runner) => runner.state.status = "ONLINE"],
  ["took a step", (runner) => runner.state.step = { uuid: "{1}" }],
  ["was written to", (runner) => runner.state.updated_on = new Date(Date.now() - 1_800_000).toISOString()],
];

for (const [what, change] of CHANGES) {
  Deno.test(`\`removeLeftovers()\` keeps a runner that ${what} between the two looks`, async () => {
    await using setup = await clientSetup();
    const runner = add(setup, 1, "OFFLINE", 60);
    const host = { sleep: () => Promise.resolve(change(runner)) };
    const summary = await remove(setup, { host });
    assert.deepEqual(summary.removed, []);
    assert.equal(summary.kept.length, 1);
    assert.deepEqual(names(setup), [runner.name]);
  });
}

Deno.test("`removeLeftovers()` measures age by the server's clock", async () => {
  await using setup = await clientSetup();
  const serverTime = Date.now() - 3_600_000;
  setup.fake.extraHeaders["date"] = new Date(serverTime).toUTCString();
  const runner = add(setup, 1, "OFFLINE", 61);
  await remove(setup);
  assert.deepEqual(
    names(setup),
    [runner.name],
    "it is one minute old to the server, an hour to this machine",
  );
});

Deno.test("`removeLeftovers()` leaves the eleventh for the next build", async () => {
  await using setup = await clientSetup();
  for (let number = 1; number <= 12; number++) add(setup, number, "OFFLINE", 60);
  const summary = await remove(setup);
  assert.equal(summary.removed.length, 10);
  assert.deepEqual(names(setup), [11, 12].map((number) => runnerName(buildId(number))));
});

Deno.test("`removeLeftovers()` goes on when one runner cannot be removed", async () => {
  await using setup = await clientSetup();
  add(setup, 1, "OFFLINE", 60);
  add(setup, 2, "OFFLINE", 60);
  setup.fake.plan({ route: "delete runner", fault: { kind: "status", status: 400 }, times: 1 });
  const summary = await remove(setup);
  assert.deepEqual(summary.removed, [runnerName(buildId(2))]);
  assert.match(summary.kept[0]?.reason ?? "", /^Cannot delete runner: Bitbucket answered 400/);
});
