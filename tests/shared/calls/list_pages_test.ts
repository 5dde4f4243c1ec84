import assert from "node:assert/strict";
import { clientSetup } from "../../fixtures/bitbucket_client_setup.ts";
import { FakeBitbucket } from "../../fixtures/servers/fake_bitbucket.ts";

Deno.test("lists are read over all pages, and from the API's own address only", async () => {
  await using setup = await clientSetup();
  setup.fake.state.pageLength = 2;
  for (const name of ["a", "b", "c", "d", "e"]) setup.fake.state.addRunner({ name });
  const runners = await setup.bitbucket.listRunners();
  assert.deepEqual(runners.map((runner) => runner.name), ["a", "b", "c", "d", "e"]);
  assert.equal(setup.fake.count("list runners"), 3);
});

Deno.test("a list whose pages never end is read a bounded time", async () => {
  await using setup = await clientSetup();
  setup.fake.state.addRunner({ name: "one" });
  const body = { values: [], next: `${setup.fake.url}/?page=2` };
  setup.fake.plan({ route: "list runners", fault: { kind: "status", status: 200, body }, times: 1000 });
  assert.deepEqual(await setup.bitbucket.listRunners(), []);
  assert.equal(setup.fake.count("list runners"), 2);
});

Deno.test("a list whose pages lead to ever other ones is read a bounded time", async () => {
  await using setup = await clientSetup();
  for (let page = 2; page < 40; page++) {
    const body = { values: [], next: `/?page=${page}` };
    setup.fake.plan({ route: "list runners", fault: { kind: "status", status: 200, body }, times: 1 });
  }
  assert.deepEqual(await setup.bitbucket.listRunners(), []);
  assert.equal(setup.fake.count("list runners"), 20);
});

Deno.test("a list whose pages lead in a circle is read once around", async () => {
  await using setup = await clientSetup();
  for (const page of [2, 3, 2, 3, 2]) {
    const body = { values: [], next: `/?page=${page}` };
    setup.fake.plan({ route: "list runners", fault: { kind: "status", status: 200, body }, times: 1 });
  }
  assert.deepEqual(await setup.bitbucket.listRunners(), []);
  assert.equal(setup.fake.count("list runners"), 3);
});

const NOWHERE = ["", "http://", "?", "/2.0/runners", `?page=${"2".repeat(5000)}`];
for (const next of NOWHERE) {
  Deno.test(`a next page at «${next.slice(0, 20)}», ${next.length} characters, is none`, async () => {
    await using setup = await clientSetup();
    const body = { values: [], next };
    setup.fake.plan({ route: "list runners", fault: { kind: "status", status: 200, body }, times: 1 });
    assert.deepEqual(await setup.bitbucket.listRunners(), []);
    assert.equal(setup.fake.count("list runners"), 1);
  });
}

Deno.test("a next page elsewhere gets neither request nor credentials: only its query is taken", async () => {
  await using other = await FakeBitbucket.start();
  await using setup = await clientSetup();
  const body = { values: [], next: `${other.url}/2.0/elsewhere?page=2` };
  setup.fake.plan({ route: "list runners", fault: { kind: "status", status: 200, body }, times: 1 });
  await setup.bitbucket.listRunners();
  assert.equal(other.requests.length, 0);
  assert.equal(setup.fake.count("list runners"), 2);
});

Deno.test("a fault in the middle of a list costs one more request, and loses nothing", async () => {
  await using setup = await clientSetup();
  setup.fake.state.pageLength = 1;
  for (const name of ["a", "b", "c"]) setup.fake.state.addRunner({ name });
  const pages: string[] = [];
  setup.fake.beforeAnswer = (route) => {
    pages.push(route);
    if (pages.length === 3) setup.fake.plan({ route, fault: { kind: "truncated", acted: true }, times: 1 });
  };
  const runners = await setup.bitbucket.listRunners();
  assert.deepEqual(runners.map((runner) => runner.name), ["a", "b", "c"]);
  assert.equal(setup.fake.count("list runners"), 4);
});
