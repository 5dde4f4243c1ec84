import assert from "node:assert/strict";
import type { LocalCloudOptions } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";
import { profileOf, runnersLeft, startProbe } from "./probe_run.ts";

type Variant = NonNullable<LocalCloudOptions["bitbucket"]>;

/** Every answer that the local cloud can give to what is unsure, one at a time, the others as by default. */
const VARIANTS: readonly Variant[] = [
  { closeForm: "public" },
  { closeForm: "state" },
  { closeForm: "none" },
  { scopeField: "scope" },
  { scopeField: "scopes" },
];

for (const variant of VARIANTS) {
  Deno.test(`The probe finds ${JSON.stringify(variant)} of the local cloud, and leaves nothing`, async () => {
    await withLocalCloud({ bitbucket: variant }, async (cloud) => {
      const profile = await profileOf(cloud);
      for (const [name, value] of Object.entries(variant)) assert.equal(profile[name], value, name);
      assert.deepEqual(runnersLeft(cloud), []);
    });
  });
}

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
