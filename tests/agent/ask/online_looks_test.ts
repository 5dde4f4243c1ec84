import assert from "node:assert/strict";
import { OnlineLooks } from "../../../agent/ask/online_looks.ts";
import { type ClientSetup, clientSetup } from "../../fixtures/bitbucket_client_setup.ts";

interface Scene extends ClientSetup {
  readonly looks: OnlineLooks;
  readonly uuids: readonly string[];
  /** Lets the first who asks have waited long enough. */
  readonly losePatience: () => void;
  readonly controller: AbortController;
}

async function looking(count: number, body: (scene: Scene) => Promise<void>): Promise<void> {
  await using setup = await clientSetup();
  const { bitbucket, fake } = setup;
  const uuids = Array.from({ length: count }, (_, index) => fake.state.addRunner({ name: `r${index}` }).uuid);
  const patience = Promise.withResolvers<void>();
  const controller = new AbortController();
  const sleep = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      void patience.promise.then(resolve);
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  const looks = new OnlineLooks({ bitbucket, host: { sleep }, signal: controller.signal }, count);
  await body({ ...setup, looks, uuids, losePatience: patience.resolve, controller });
}

Deno.test("runners that are all waited for are looked at with one request", async () => {
  await looking(3, async ({ looks, uuids, fake }) => {
    const seen = await Promise.all(uuids.map((uuid) => looks.getRunner(uuid)));
    assert.deepEqual(seen.map((runner) => runner?.uuid), uuids);
    assert.deepEqual([fake.count("list runners"), fake.count("get runner")], [1, 0]);
  });
});

Deno.test("one that is alone is looked at by itself, from the first or when the others are done", async () => {
  await looking(1, async ({ looks, uuids: [uuid = ""], fake }) => {
    assert.equal((await looks.getRunner(uuid))?.uuid, uuid);
    assert.equal(fake.count("list runners"), 0);
  });
  await looking(3, async ({ looks, uuids: [uuid = ""], fake }) => {
    const asked = looks.getRunner(uuid);
    looks.done();
    looks.done();
    assert.equal((await asked)?.uuid, uuid);
    assert.equal(fake.count("list runners"), 0);
  });
});

Deno.test("those that ask are not kept waiting for ever by one that does not", async () => {
  await looking(3, async ({ looks, uuids: [one = "", other = ""], losePatience, fake }) => {
    const asked = [looks.getRunner(one), looks.getRunner(other)];
    losePatience();
    assert.deepEqual((await Promise.all(asked)).map((runner) => runner?.uuid), [one, other]);
    assert.equal(fake.count("list runners"), 1);
  });
});

Deno.test("one that the list does not hold is asked after by itself, and may be gone", async () => {
  await looking(2, async ({ looks, uuids: [uuid = ""], fake }) => {
    const seen = await Promise.all([looks.getRunner("{gone}"), looks.getRunner(uuid)]);
    assert.deepEqual(seen.map((runner) => runner?.uuid), [undefined, uuid]);
    assert.equal(fake.count("get runner"), 1);
  });
});

Deno.test("all who wait are told when the look fails, or the program is to end", async () => {
  await looking(2, async ({ looks, uuids, fake }) => {
    fake.plan({ route: "list runners", fault: { kind: "status", status: 403 }, times: 1 });
    const outcomes = await Promise.allSettled(uuids.map((uuid) => looks.getRunner(uuid)));
    assert.deepEqual(outcomes.map(({ status }) => status), ["rejected", "rejected"]);
  });
  await looking(2, async ({ looks, uuids: [uuid = ""], controller }) => {
    const asked = looks.getRunner(uuid);
    controller.abort(new Error("Interrupted by SIGTERM"));
    await assert.rejects(asked, { message: "Interrupted by SIGTERM" });
  });
});
