import assert from "node:assert/strict";
import { RUNNER_RIGHTS } from "../../../scripts/local_cloud/pipelines/platform_answers.ts";
import { factsFrom } from "../../../scripts/probe/judge/fact_table.ts";
import { readPlatformProfile } from "../../../scripts/local_cloud/platform_profile.ts";
import type { LocalCloudOptions } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { profileOf, runnersLeft, startProbe } from "./probe_run.ts";

type Variant = NonNullable<LocalCloudOptions["bitbucket"]>;

const STATE_FORMS = ["public", "state", "both", "none"] as const;

/** Every answer that the local cloud can give to what is unsure, the others as by default. */
const VARIANTS: readonly Variant[] = [
  ...[40, 50, 51, 63, 100].map((longestName) => ({ longestName })),
  { labelGrammar: "strict" },
  { labelGrammar: "loose" },
  { addsSelfHosted: true },
  { addsSelfHosted: false },
  ...STATE_FORMS.flatMap((closeForm) => STATE_FORMS.map((reopenForm) => ({ closeForm, reopenForm }))),
  { closedShows: "DISABLED" },
  { closedShows: "cordoned" },
  { reopenedShows: "connection" },
  { reopenedShows: "ENABLED" },
  { errorDetail: "string" },
  { errorDetail: "object" },
  { errorDetail: "none" },
  { rateLimitHeaders: "none" },
  { rateLimitHeaders: "limit" },
  { rateLimitHeaders: "draft" },
  ...[30, 50, 100, 250, 1000].map((longestPage) => ({ longestPage })),
  { scopeField: "scope" },
  { scopeField: "scopes" },
  { runnerMay: [] },
  ...RUNNER_RIGHTS.map((right) => ({ runnerMay: [right] })),
  { runnerMay: RUNNER_RIGHTS },
  { runnerMay: ["close"], closeForm: "state" },
];

for (const variant of VARIANTS) {
  Deno.test(`The probe finds ${JSON.stringify(variant)} of the local cloud, and leaves nothing`, async () => {
    await withLocalCloud({ bitbucket: variant }, async (cloud) => {
      const profile = await profileOf(cloud);
      for (const [name, value] of Object.entries(variant)) {
        // What nothing closes cannot be seen opening again.
        const told = name !== "reopenForm" || variant.closeForm !== "none";
        assert.deepEqual(profile[name], told ? value : undefined, name);
      }
      assert.deepEqual(runnersLeft(cloud), []);
    });
  });
}

Deno.test("The local cloud plays the profile that the probe has written of another one", async () => {
  const seen = {
    longestName: Infinity,
    labelGrammar: "loose",
    closeForm: "both",
    closedShows: "cordoned",
  } as const;
  await withLocalCloud({ bitbucket: seen }, async (cloud) => {
    const profile = await profileOf(cloud);
    assert.equal(profile["longestName"], null);
    const bitbucket = readPlatformProfile(JSON.stringify(profile));
    await withLocalCloud({ bitbucket }, async (other) => assert.deepEqual(await profileOf(other), profile));
  });
});

Deno.test("A runner that is created with an error ends the probe, and is removed", async () => {
  const runnerError = { key: "runner.limit", message: "No more runners", arguments: {} };
  await withLocalCloud({ bitbucket: { runnerError } }, async (cloud) => {
    await assert.rejects(
      startProbe(cloud).found,
      /Cannot create runner: Bitbucket answered 200 with error runner.limit$/,
    );
    assert.deepEqual(runnersLeft(cloud), []);
  });
});

const BY_ALL = "yes (all of this was tried with it)";

Deno.test("An access token that may see runners and not write them is told so", async () => {
  const token = { token: "read-only-token", scopes: ["runner", "pipeline"] };
  await withLocalCloud({ bitbucket: { accessTokens: [token] } }, async (cloud) => {
    const { found } = startProbe(cloud, { env: { ...cloud.env, BITBUCKET_ACCESS_TOKEN: token.token } });
    const facts = new Map(factsFrom(await found, false).map(({ name, seen }) => [name, seen]));
    assert.equal(facts.get("an access token may see runners"), "yes");
    assert.match(
      facts.get("an access token may manage runners") ?? "",
      /^no \(POST: 403: Your credentials lack/,
    );
  });
});

Deno.test("The probe says in words what a runner's own identity may do", async () => {
  await withLocalCloud({ bitbucket: { runnerMay: ["close"] } }, async (cloud) => {
    const facts = factsFrom(await startProbe(cloud).found, false).filter(({ name }) => /identity/.test(name));
    assert.deepEqual(facts.map(({ name, seen, verdict }) => [name, seen, verdict]), [
      ["a runner's own identity gets a token", "yes", "as expected"],
      ["a runner's own identity may read its runner", "no", "as expected"],
      ["a runner's own identity may list all runners", "no", "as expected"],
      ["a runner's own identity may close its runner", "yes", "other"],
      ["a runner's own identity may delete its runner", "no", "as expected"],
    ]);
  });
});

Deno.test("The probe takes each kind of credentials, and tries an access token beside others", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { BITBUCKET_API_URL = "", ...consumer } = cloud.env;
    const kinds = [
      [{ BITBUCKET_ACCESS_TOKEN: "local-cloud-access-token" }, true, ["", BY_ALL, ""]],
      [
        { BITBUCKET_API_EMAIL: "dev@example.com", BITBUCKET_API_TOKEN: "local-cloud-api-token" },
        undefined,
        ["", "", BY_ALL],
      ],
      [{ ...consumer, BITBUCKET_ACCESS_TOKEN: "local-cloud-access-token" }, true, [
        BY_ALL,
        "yes (registered and removed one)",
        "",
      ]],
      [{ ...consumer, BITBUCKET_ACCESS_TOKEN: "no such token" }, false, [
        BY_ALL,
        "no (POST: 401: Token is invalid, expired, or not supported for this endpoint.)",
        "",
      ]],
    ] as const;
    for (const [credentials, takesAccessToken, manage] of kinds) {
      const found = await startProbe(cloud, { env: { ...credentials, BITBUCKET_API_URL } }).found;
      assert.equal(found.takesAccessToken, takesAccessToken);
      const facts = factsFrom(found, false).filter(({ name }) => name.endsWith(" may manage runners"));
      assert.deepEqual(facts.map(({ seen }) => seen), manage);
      assert.deepEqual(runnersLeft(cloud), []);
    }
  });
});

Deno.test("The probe makes do with about sixty requests", async () => {
  await withLocalCloud({}, async (cloud) => {
    await startProbe(cloud).found;
    assert.ok(cloud.requests.count({ api: "Bitbucket" }) <= 66, `${cloud.requests.count()}`);
  });
});
