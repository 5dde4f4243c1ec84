import assert from "node:assert/strict";
import type { BitbucketSettings } from "../../../scripts/local_cloud/pipelines/bitbucket_settings.ts";
import { bitbucketCaller, withLocalCloud } from "../../fixtures/programs/local_cloud.ts";

const PAGES: [longestPage: number, asked: string, status: number][] = [
  [100, "100", 200],
  [100, "101", 400],
  [20, "20", 200],
  [20, "21", 400],
  [100, "0", 400],
  [100, "many", 400],
];

for (const list of ["pipelines-config/runners", "pipelines"]) {
  for (const [longestPage, asked, status] of PAGES) {
    Deno.test(`${list} answers ${status} to pagelen ${asked} where ${longestPage} is the most`, async () => {
      await withLocalCloud({ bitbucket: { longestPage } }, async (cloud) => {
        const answer = await bitbucketCaller(cloud)("GET", `${list}?pagelen=${asked}`);
        assert.equal(answer.status, status);
        if (status === 200) assert.equal(answer.body.pagelen, Number(asked));
      });
    });
  }
}

const HEADERS: [form: BitbucketSettings["rateLimitHeaders"], shown: Record<string, RegExp>][] = [
  ["none", {}],
  ["limit", {
    "x-ratelimit-limit": /^5$/,
    "x-ratelimit-nearlimit": /^false$/,
    "x-ratelimit-resource": /^api_repositories$/,
  }],
  ["draft", {
    "x-ratelimit-limit": /^5, 5;w=3600$/,
    "x-ratelimit-remaining": /^4$/,
    "x-ratelimit-reset": /^3(600|599)$/,
  }],
];

for (const [rateLimitHeaders, shown] of HEADERS) {
  Deno.test(`Answers carry the rate limit's headers in the form «${rateLimitHeaders}»`, async () => {
    await withLocalCloud({ bitbucket: { rateLimitHeaders, requestsPerHour: 5 } }, async (cloud) => {
      const response = await fetch(`${cloud.url}/2.0/repositories/acme/demo/pipelines`, {
        headers: { authorization: "Bearer local-cloud-access-token" },
      });
      await response.body?.cancel();
      const limits = [...response.headers].filter(([name]) => name.startsWith("x-ratelimit-")).sort();
      assert.deepEqual(limits.map(([name]) => name), Object.keys(shown).sort());
      for (const [name, value] of limits) assert.match(value, shown[name] ?? /^$/);
    });
  });
}
