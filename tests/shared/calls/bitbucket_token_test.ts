import assert from "node:assert/strict";
import { usableMs } from "../../../shared/calls/bitbucket_token.ts";
import { CredentialsError, EXIT_CODES } from "../../../shared/program/errors.ts";
import { clientSetup } from "../../fixtures/bitbucket_client_setup.ts";

const PIPELINE = "{44444444-4444-4444-8444-444444444444}";

Deno.test("a token is used until shortly before its end, and then renewed", async () => {
  await using setup = await clientSetup();
  setup.fake.state.tokenLifeS = 12;
  for (const [second, tokens] of [[0, 1], [5, 1], [9, 1], [10, 2], [15, 2], [20, 3]] as const) {
    await setup.host.sleep(second * 1000 - (setup.host.sleeps.reduce((sum, ms) => sum + ms, 0)));
    await setup.bitbucket.getPipeline(PIPELINE);
    assert.equal(setup.fake.count("token"), tokens, `after ${second} s`);
  }
});

for (
  const [lifeS, usable] of [[7200, 7_140_000], [300, 240_000], [100, 80_000], [12, 9600], [1, 800]] as const
) {
  Deno.test(`a token that lives ${lifeS} s is used for ${usable} ms`, () => {
    assert.equal(usableMs(lifeS), usable);
  });
}

Deno.test("a jump of the wall clock does not matter to tokens", async () => {
  await using setup = await clientSetup();
  await setup.bitbucket.getPipeline(PIPELINE);
  setup.host.now = () => 0;
  await setup.bitbucket.getPipeline(PIPELINE);
  setup.host.now = () => 9e15;
  await setup.bitbucket.getPipeline(PIPELINE);
  assert.equal(setup.fake.count("token"), 1);
});

Deno.test("callers at the same time share one token request", async () => {
  await using setup = await clientSetup();
  await Promise.all(Array.from({ length: 5 }, () => setup.bitbucket.getPipeline(PIPELINE)));
  assert.equal(setup.fake.count("token"), 1);
  assert.equal(setup.fake.count("get pipeline"), 5);
});

Deno.test("a token that Bitbucket has forgotten is renewed once, and the call repeated", async () => {
  await using setup = await clientSetup();
  await setup.bitbucket.getPipeline(PIPELINE);
  setup.fake.state.tokens.clear();
  await setup.bitbucket.getPipeline(PIPELINE);
  assert.equal(setup.fake.count("token"), 2);
  assert.equal(setup.fake.count("get pipeline"), 3);
});

Deno.test("when the caller who asked for the token gives up, the others still get one", async () => {
  await using setup = await clientSetup();
  const controller = new AbortController();
  const release = () => controller.abort(new Error("Enough"));
  setup.fake.plan({ route: "token", fault: { kind: "late", release }, times: 1 });
  const [first, second] = await Promise.allSettled([
    setup.bitbucket.listRunners({ signal: controller.signal }),
    setup.bitbucket.listRunners(),
  ]);
  assert.equal(first.status, "rejected");
  assert.equal(second.status, "fulfilled");
});

for (const status of [400, 401]) {
  Deno.test(`an unknown OAuth consumer (${status}) is a refusal that names both variables`, async () => {
    await using setup = await clientSetup();
    const body = { error: "unauthorized_client", error_description: "Invalid OAuth client credentials" };
    setup.fake.plan({ route: "token", fault: { kind: "status", status, body }, times: 1000 });
    await assert.rejects(setup.bitbucket.listRunners(), (error) => {
      assert.ok(error instanceof CredentialsError);
      assert.equal(error.exitCode, EXIT_CODES.credentials);
      assert.match(error.message, /^Cannot get an OAuth token: .*\(Invalid OAuth client credentials\)/);
      assert.match(error.hint ?? "", /BITBUCKET_OAUTH_CLIENT_ID and BITBUCKET_OAUTH_CLIENT_SECRET/);
      return true;
    });
    assert.ok(setup.fake.count("token") <= 2);
  });
}
