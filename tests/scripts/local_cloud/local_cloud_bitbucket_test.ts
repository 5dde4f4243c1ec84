import assert from "node:assert/strict";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { bitbucketCaller, withLocalCloud } from "../../fixtures/programs/local_cloud.ts";

const RUNNERS = "pipelines-config/runners";
const LABELS = ["self.hosted", "linux.shell"];

Deno.test("An OAuth consumer gets a token, which works until it expires", async () => {
  await withLocalCloud({}, async (cloud) => {
    const answer = await grant(cloud, "local-cloud-key:local-cloud-oauth-secret");
    assert.equal(answer.status, 200);
    assert.equal(answer.body.token_type, "bearer");
    assert.equal(answer.body.expires_in, 7200);
    assert.equal(answer.body.scopes, "runner:write pipeline");
    const call = bitbucketCaller(cloud, `Bearer ${answer.body.access_token}`);
    assert.equal((await call("GET", RUNNERS)).status, 200);
    cloud.bitbucket.credentials.expireAll();
    assert.deepEqual(await call("GET", RUNNERS), {
      status: 401,
      body: { type: "error", error: { message: "Access token expired." } },
    });
  });
});

Deno.test("An OAuth consumer with a wrong secret is refused with unauthorized_client", async () => {
  await withLocalCloud({}, async (cloud) => {
    assert.deepEqual(await grant(cloud, "local-cloud-key:wrong"), {
      status: 400,
      body: { error: "unauthorized_client", error_description: "Invalid OAuth client credentials" },
    });
  });
});

const CREDENTIALS: [string, string, number][] = [
  ["an access token", "Bearer local-cloud-access-token", 200],
  ["an API token with its e-mail address", `Basic ${btoa("dev@example.com:local-cloud-api-token")}`, 200],
  ["an API token with another's address", `Basic ${btoa("other@example.com:local-cloud-api-token")}`, 401],
  ["an unknown token", "Bearer nobody", 401],
];

for (const [what, authorization, status] of CREDENTIALS) {
  Deno.test(`Bitbucket answers ${status} to ${what}`, async () => {
    await withLocalCloud({}, async (cloud) => {
      assert.equal((await bitbucketCaller(cloud, authorization)("GET", RUNNERS)).status, status);
    });
  });
}

Deno.test("A call beyond the credentials' scopes answers 403 and names the scope", async () => {
  const accessTokens = [{ token: "local-cloud-access-token", scopes: ["pipeline", "runner"] }];
  await withLocalCloud({ bitbucket: { accessTokens } }, async (cloud) => {
    const call = bitbucketCaller(cloud);
    assert.equal((await call("GET", RUNNERS)).status, 200);
    assert.deepEqual(await call("POST", RUNNERS, { name: "n", labels: LABELS }), {
      status: 403,
      body: {
        type: "error",
        error: {
          message: "Your credentials lack one or more required privilege scopes.",
          detail: { granted: ["pipeline", "runner"], required: ["runner:write"] },
        },
      },
    });
  });
});

for (
  const prefix of ["/2.0/repositories/acme/demo", "/internal/repositories/acme/demo", "/2.0/workspaces/acme"]
) {
  Deno.test(`A runner is created, read, renamed and deleted below ${prefix}`, async () => {
    await withLocalCloud({}, async (cloud) => {
      const call = bitbucketCaller(cloud);
      const created = await call("POST", `${prefix}/${RUNNERS}`, { name: "one", labels: LABELS });
      assert.equal(created.status, 200);
      assert.match(created.body.uuid, /^\{[0-9a-f-]{36}\}$/);
      assert.equal(created.body.state.status, "UNREGISTERED");
      assert.equal(typeof created.body.oauth_client.secret, "string");
      const path = `${prefix}/${RUNNERS}/${encodeURIComponent(created.body.uuid)}`;
      const read = await call("GET", path);
      assert.equal(read.body.oauth_client.secret, undefined);
      assert.deepEqual(read.body.labels, LABELS);
      const renamed = await call("PUT", path, { name: "two", labels: [...LABELS, "more"] });
      assert.equal(renamed.body.name, "two");
      assert.deepEqual(
        (await call("GET", `${prefix}/${RUNNERS}`)).body.values.map(({ name }: { name: string }) => name),
        ["two"],
      );
      assert.deepEqual(await call("DELETE", path), { status: 204, body: undefined });
      assert.equal((await call("GET", path)).status, 404);
      assert.equal((await call("DELETE", path)).status, 404);
    });
  });
}

Deno.test("Runners come in pages, and `next` leads to the following one", async () => {
  await withLocalCloud({}, async (cloud) => {
    for (let number = 0; number < 12; number++) {
      cloud.bitbucket.runners.create(repositoryUuid(cloud), `r${number}`, LABELS);
    }
    const call = bitbucketCaller(cloud);
    const first = await call("GET", RUNNERS);
    assert.equal(first.body.values.length, 10);
    const next = new URL(first.body.next);
    const second = await call("GET", next.pathname + next.search);
    assert.deepEqual(second.body.values.map(({ name }: { name: string }) => name), ["r10", "r11"]);
    assert.equal(second.body.next, undefined);
  });
});

Deno.test("The rate limit counts each credential on its own, and answers 429 beyond it", async () => {
  const bitbucket = { requestsPerHour: 2, sendsRetryAfter: true };
  await withLocalCloud({ bitbucket }, async (cloud) => {
    const call = bitbucketCaller(cloud);
    assert.equal((await call("GET", RUNNERS)).status, 200);
    assert.equal((await call("GET", RUNNERS)).status, 200);
    const response = await fetch(`${cloud.env["BITBUCKET_API_URL"]}/repositories/acme/demo/${RUNNERS}`, {
      headers: { authorization: "Bearer local-cloud-access-token" },
    });
    assert.equal(response.status, 429);
    assert.deepEqual(await response.json(), {
      type: "error",
      error: { message: "Rate limit for this resource has been exceeded" },
    });
    assert.ok(Number(response.headers.get("retry-after")) > 3000);
    const other = bitbucketCaller(cloud, `Basic ${btoa("dev@example.com:local-cloud-api-token")}`);
    assert.equal((await other("GET", RUNNERS)).status, 200);
  });
});

Deno.test("A UUID without its braces is not found, as in Bitbucket", async () => {
  await withLocalCloud({}, async (cloud) => {
    const call = bitbucketCaller(cloud);
    const { workspace } = cloud.bitbucket.settings;
    const withBraces = `/2.0/repositories/${encodeURIComponent(workspace.uuid)}/${
      encodeURIComponent(repositoryUuid(cloud))
    }/${RUNNERS}`;
    assert.equal((await call("GET", withBraces)).status, 200);
    assert.equal((await call("GET", withBraces.replaceAll(/%7B|%7D/g, ""))).status, 404);
  });
});

Deno.test("Requests are recorded with their call, credential and status", async () => {
  await withLocalCloud({}, async (cloud) => {
    await bitbucketCaller(cloud)("GET", RUNNERS);
    await bitbucketCaller(cloud)("GET", `${RUNNERS}/%7Bnobody%7D`);
    assert.deepEqual(
      cloud.requests.all.map(({ call, credential, status }) => ({ call, credential, status })),
      [
        { call: "ListRunners", credential: "access token", status: 200 },
        { call: "GetRunner", credential: "access token", status: 404 },
      ],
    );
    assert.equal(cloud.requests.count({ api: "Bitbucket" }), 2);
  });
});

function repositoryUuid(cloud: LocalCloud): string {
  return cloud.bitbucket.settings.repositories[0]?.uuid ?? "";
}

async function grant(cloud: LocalCloud, consumer: string) {
  const response = await fetch(cloud.env["BITBUCKET_OAUTH_TOKEN_URL"] ?? "", {
    method: "POST",
    headers: { authorization: `Basic ${btoa(consumer)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  return { status: response.status, body: await response.json() };
}
