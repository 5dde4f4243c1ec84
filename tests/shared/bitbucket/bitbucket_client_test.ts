import assert from "node:assert/strict";
import type { BitbucketCredentials } from "../../../shared/settings/bitbucket_settings.ts";
import { clientSetup } from "../../fixtures/bitbucket_client_setup.ts";

const BASE =
  "/repositories/%7B11111111-1111-4111-8111-111111111111%7D/%7B22222222-2222-4222-8222-222222222222%7D";
const UUID = "{33333333-3333-4333-8333-000000000009}";
const ENCODED = "%7B33333333-3333-4333-8333-000000000009%7D";

Deno.test("the client speaks Bitbucket's wire format", async () => {
  await using setup = await clientSetup();
  const { bitbucket, fake } = setup;
  fake.state.addRunner({ uuid: UUID, name: "one" });
  fake.state.pipelines.push({ uuid: UUID, state: { name: "COMPLETED", result: { name: "SUCCESSFUL" } } });
  await bitbucket.listRunners();
  await bitbucket.createRunner({ name: "two", labels: ["self.hosted", "linux"] });
  await bitbucket.getRunner(UUID);
  await bitbucket.closeRunner({ uuid: UUID, name: "one", labels: ["self.hosted"] });
  await bitbucket.deleteRunner(UUID);
  await bitbucket.getPipeline(UUID);
  await bitbucket.listSteps(UUID);
  await bitbucket.listUnfinishedPipelines();
  const runners = `/2.0${BASE}/pipelines-config/runners`;
  const closing = '{"name":"one","labels":["self.hosted"],"state":{"status":"DISABLED"}}';
  assert.deepEqual(
    fake.requests.map(({ method, path, body }) => `${method} ${path} ${body}`.trim()),
    [
      "POST /site/oauth2/access_token grant_type=client_credentials",
      `GET ${runners}?pagelen=100`,
      `POST ${runners} {"name":"two","labels":["self.hosted","linux"]}`,
      `GET ${runners}/${ENCODED}`,
      `PUT ${runners}/${ENCODED} ${closing}`,
      `GET ${runners}/${ENCODED}`,
      `DELETE ${runners}/${ENCODED}`,
      `GET /2.0${BASE}/pipelines/${ENCODED}`,
      `GET /2.0${BASE}/pipelines/${ENCODED}/steps?pagelen=100`,
      `GET /2.0${BASE}/pipelines?sort=-created_on&pagelen=100`,
    ],
  );
  assert.equal(bitbucket.requests, fake.requests.length);
});

Deno.test("`createRunner()` gives the runner's own credentials, and keeps its secret out of the log", async () => {
  await using setup = await clientSetup();
  const created = await setup.bitbucket.createRunner({ name: "one", labels: ["linux"] });
  assert.equal(created.oauth_client.id, "client-of-the-runner");
  setup.log.info(`The secret is ${created.oauth_client.secret}`);
  assert.match(setup.host.written.join(""), /The secret is \*\*\*/);
});

const IDENTITIES: readonly (readonly [BitbucketCredentials, RegExp])[] = [
  [{ kind: "oauth", clientId: "consumer-key", clientSecret: "consumer-secret" }, /^Bearer token-number-1$/],
  [{ kind: "access token", token: "a-long-token" }, /^Bearer a-long-token$/],
  [
    { kind: "api token", email: "me@example.com", token: "a-long-token" },
    /^Basic bWVAZXhhbXBsZS5jb206YS1sb25nLXRva2Vu$/,
  ],
];

for (const [credentials, expected] of IDENTITIES) {
  Deno.test(`the credentials «${credentials.kind}» are sent in their own form`, async () => {
    await using setup = await clientSetup({ credentials });
    const { state, requests } = setup.fake;
    if (credentials.kind !== "oauth") {
      state.accepted = new Set(["Bearer a-long-token", "Basic bWVAZXhhbXBsZS5jb206YS1sb25nLXRva2Vu"]);
    }
    await setup.bitbucket.listRunners();
    assert.match(requests.at(-1)?.authorization ?? "", expected);
  });
}

Deno.test("what Bitbucket does not know is undefined, or has been deleted", async () => {
  await using setup = await clientSetup();
  assert.equal(await setup.bitbucket.getRunner(UUID), undefined);
  assert.equal(await setup.bitbucket.getPipeline(UUID), undefined);
  await setup.bitbucket.deleteRunner(UUID);
});

Deno.test("`listUnfinishedPipelines()` leaves completed ones out", async () => {
  await using setup = await clientSetup();
  for (const name of ["PENDING", "COMPLETED", "IN_PROGRESS"]) {
    setup.fake.state.pipelines.push({ uuid: name, state: { name } });
  }
  const pipelines = await setup.bitbucket.listUnfinishedPipelines();
  assert.deepEqual(pipelines.map((pipeline) => pipeline.uuid), ["PENDING", "IN_PROGRESS"]);
});

Deno.test("`serverNow()` follows the server's clock once it has answered", async () => {
  await using setup = await clientSetup();
  const serverTime = Date.parse("2031-05-04T03:02:01Z");
  setup.fake.extraHeaders["date"] = new Date(serverTime).toUTCString();
  assert.ok(setup.bitbucket.serverNow() < serverTime);
  await setup.bitbucket.listRunners();
  await setup.host.sleep(60_000);
  const passed = setup.bitbucket.serverNow() - serverTime;
  assert.ok(passed >= 60_000 && passed < 120_000, String(passed));
});

Deno.test("near-limit headers and refusals stretch the intervals", async () => {
  await using setup = await clientSetup();
  assert.equal(setup.bitbucket.stretch, 1);
  setup.fake.extraHeaders["x-ratelimit-nearlimit"] = "true";
  await setup.bitbucket.listRunners();
  assert.equal(setup.bitbucket.stretch, 4);
});
