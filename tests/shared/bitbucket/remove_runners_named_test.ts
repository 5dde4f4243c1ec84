import assert from "node:assert/strict";
import { removeRunnersNamed } from "../../../shared/bitbucket/remove_runners_named.ts";
import { clientSetup } from "../../fixtures/bitbucket_client_setup.ts";

Deno.test("`removeRunnersNamed()` removes every runner of exactly the name, but for the one to keep", async () => {
  await using setup = await clientSetup();
  const { bitbucket, log, fake: { state } } = setup;
  const [first, second, third] = ["one", "one", "one"].map((name) => state.addRunner({ name }));
  state.addRunner({ name: "one-more" });
  const removed = await removeRunnersNamed({ bitbucket, log, name: "one", keepUuid: second?.uuid });
  assert.deepEqual(removed, [first?.uuid, third?.uuid]);
  assert.deepEqual(state.runners.map(({ name }) => name), ["one", "one-more"]);
});

Deno.test("`removeRunnersNamed()` costs one request where there is none of the name", async () => {
  await using setup = await clientSetup();
  assert.deepEqual(await removeRunnersNamed({ ...setup, name: "one" }), []);
  assert.deepEqual(setup.fake.requests.map(({ route }) => route), ["token", "list runners"]);
});
