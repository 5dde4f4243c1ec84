import assert from "node:assert/strict";
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
];

for (const variant of VARIANTS) {
  Deno.test(`The probe finds ${JSON.stringify(variant)} of the local cloud, and leaves nothing`, async () => {
    await withLocalCloud({ bitbucket: variant }, async (cloud) => {
      const profile = await profileOf(cloud);
      for (const [name, value] of Object.entries(variant)) {
        // What nothing closes cannot be seen opening again.
        const told = name !== "reopenForm" || variant.closeForm !== "none";
        assert.equal(profile[name], told ? value : undefined, name);
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

Deno.test("The probe takes each kind of credentials, and tries an access token beside others", async () => {
  await withLocalCloud({}, async (cloud) => {
    const { BITBUCKET_API_URL = "", ...consumer } = cloud.env;
    const kinds = [
      [{ BITBUCKET_ACCESS_TOKEN: "local-cloud-access-token" }, true],
      [{ BITBUCKET_API_EMAIL: "dev@example.com", BITBUCKET_API_TOKEN: "local-cloud-api-token" }, undefined],
      [{ ...consumer, BITBUCKET_ACCESS_TOKEN: "local-cloud-access-token" }, true],
      [{ ...consumer, BITBUCKET_ACCESS_TOKEN: "no such token" }, false],
    ] as const;
    for (const [credentials, takesAccessToken] of kinds) {
      const found = await startProbe(cloud, { env: { ...credentials, BITBUCKET_API_URL } }).found;
      assert.equal(found.takesAccessToken, takesAccessToken);
    }
  });
});

Deno.test("The probe makes do with about sixty requests", async () => {
  await withLocalCloud({}, async (cloud) => {
    await startProbe(cloud).found;
    assert.ok(cloud.requests.count({ api: "Bitbucket" }) <= 66, `${cloud.requests.count()}`);
  });
});
