import assert from "node:assert/strict";
import type { RunnerRight } from "../../../../scripts/local_cloud/pipelines/platform_answers.ts";
import type { LocalCloud } from "../../../../scripts/local_cloud/start_local_cloud.ts";
import { bitbucketCaller, withLocalCloud } from "../../../fixtures/programs/local_cloud.ts";

const RUNNERS = "pipelines-config/runners";
const LABELS = ["self.hosted", "linux.shell"];

interface Created {
  readonly uuid: string;
  readonly client: { id: string; secret: string; token_endpoint: string; audience: string };
}

type Caller = ReturnType<typeof bitbucketCaller>;

/** What the API may let a runner do, each on a runner of one's own or of somebody else. */
const CALLS: readonly (readonly [
  what: string,
  right: RunnerRight | "none",
  call: (as: Caller, uuid: string) => ReturnType<Caller>,
])[] = [
  ["reading", "read", (as, uuid) => as("GET", pathOf(uuid))],
  ["listing", "list", (as) => as("GET", RUNNERS)],
  [
    "closing",
    "close",
    (as, uuid) => as("PUT", pathOf(uuid), { name: "n", labels: LABELS, state: { status: "DISABLED" } }),
  ],
  ["closing by the older form", "close", (as, uuid) => as("PUT", stateOf(uuid), { status: "DISABLED" })],
  ["deleting", "delete", (as, uuid) => as("DELETE", pathOf(uuid))],
  ["registering", "none", (as) => as("POST", RUNNERS, { name: "n", labels: LABELS })],
  ["looking at pipelines", "none", (as) => as("GET", "pipelines")],
];

for (const [what, right, call] of CALLS) {
  Deno.test(`A runner's own identity is no good for ${what}, in whichever form it comes`, async () => {
    await withLocalCloud({ bitbucket: { closeForm: "both" } }, async (cloud) => {
      const { uuid, client } = await create(cloud);
      const basic = `Basic ${btoa(`${client.id}:${client.secret}`)}`;
      for (const authorization of [`Bearer ${await tokenOf(client)}`, `Bearer ${client.secret}`, basic]) {
        const { status, body } = await call(bitbucketCaller(cloud, authorization), uuid);
        assert.equal(status, 401);
        assert.match(body.error.message, /^Token is invalid/);
      }
      assert.deepEqual(cloud.bitbucket.runners.all.map(({ disabled }) => disabled), [false]);
    });
  });

  if (right === "none") continue;
  Deno.test(`A runner's own identity is good for ${what} where runners may ${right}, and for nothing else`, async () => {
    await withLocalCloud({ bitbucket: { closeForm: "both", runnerMay: [right] } }, async (cloud) => {
      const [own, other] = [await create(cloud), await create(cloud)];
      const as = bitbucketCaller(cloud, `Bearer ${await tokenOf(own.client)}`);
      for (const [, needed, attempt] of CALLS) {
        if (needed !== right) assert.equal((await attempt(as, own.uuid)).status, 401, needed);
      }
      if (right !== "list") assert.equal((await call(as, other.uuid)).status, 401);
      assert.ok([200, 204].includes((await call(as, own.uuid)).status));
    });
  });
}

Deno.test("A runner gets no token for another audience, and none with another's secret", async () => {
  await withLocalCloud({}, async (cloud) => {
    const [{ client }, other] = [await create(cloud), await create(cloud)];
    for (const change of [{ audience: "api.bitbucket.org" }, { secret: other.client.secret }, { id: "" }]) {
      await assert.rejects(tokenOf({ ...client, ...change }), /no token/);
    }
  });
});

Deno.test("A token does not outlive its runner", async () => {
  await withLocalCloud({ bitbucket: { runnerMay: ["list"] } }, async (cloud) => {
    const { uuid, client } = await create(cloud);
    const as = bitbucketCaller(cloud, `Bearer ${await tokenOf(client)}`);
    assert.equal((await as("GET", RUNNERS)).status, 200);
    await bitbucketCaller(cloud)("DELETE", pathOf(uuid));
    assert.equal((await as("GET", RUNNERS)).status, 401);
    await assert.rejects(tokenOf(client), /no token/);
  });
});

async function create(cloud: LocalCloud): Promise<Created> {
  const { body } = await bitbucketCaller(cloud)("POST", RUNNERS, { name: "n", labels: LABELS });
  return { uuid: body.uuid, client: body.oauth_client };
}

async function tokenOf({ id, secret, token_endpoint, audience }: Created["client"]): Promise<string> {
  const response = await fetch(token_endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      grant_type: "client_credentials",
      client_id: id,
      client_secret: secret,
      audience,
    }),
  });
  const { access_token: token } = await response.json();
  assert.ok(token, "there is no token");
  return token;
}

function pathOf(uuid: string): string {
  return `${RUNNERS}/${encodeURIComponent(uuid)}`;
}

function stateOf(uuid: string): string {
  return `/internal/repositories/acme/demo/${pathOf(uuid)}/state`;
}
