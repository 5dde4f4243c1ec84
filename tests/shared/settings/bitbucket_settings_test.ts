import assert from "node:assert/strict";
import { bitbucketSettings, pickCredentials } from "../../../shared/settings/bitbucket_settings.ts";
import { readSettings } from "../../../shared/settings/settings.ts";

Deno.test("`pickCredentials()` picks the access token, then the API token, then the consumer", () => {
  const oauth = { oauthClientId: "id", oauthClientSecret: "secret" };
  const access = { accessToken: "token" };
  const api = { apiEmail: "a@example.com", apiToken: "api" };
  assert.deepEqual(pickCredentials({ ...oauth, ...access, ...api }), {
    credentials: { kind: "access token", token: "token" },
    problems: [],
  });
  assert.deepEqual(pickCredentials({ ...oauth, ...api }).credentials, {
    kind: "api token",
    email: "a@example.com",
    token: "api",
  });
  assert.deepEqual(pickCredentials(oauth).credentials, {
    kind: "oauth",
    clientId: "id",
    clientSecret: "secret",
  });
});

Deno.test("`pickCredentials()` finds none without a problem, and half a pair with one", () => {
  assert.deepEqual(pickCredentials({}), { problems: [] });
  const half = pickCredentials({ oauthClientId: "id", accessToken: "token" });
  assert.equal(half.credentials?.kind, "access token");
  assert.match(
    half.problems.join(),
    /BITBUCKET_OAUTH_CLIENT_ID is set, so set BITBUCKET_OAUTH_CLIENT_SECRET too/,
  );
});

Deno.test("`bitbucketSettings` default to Bitbucket's own addresses and never show a secret", () => {
  const { values, problems } = readSettings(bitbucketSettings, {}, {});
  assert.deepEqual(problems, []);
  assert.equal(values.apiUrl, "https://api.bitbucket.org/2.0");
  assert.equal(values.tokenUrl, "https://bitbucket.org/site/oauth2/access_token");
  assert.equal(values.apiTimeoutS, 10);
  const wrong = readSettings(bitbucketSettings, {}, { BITBUCKET_API_URL: "nowhere", API_TIMEOUT: "301" });
  assert.equal(wrong.problems.length, 2);
});
