import assert from "node:assert/strict";
import { DEFAULT_PLATFORM_ANSWERS } from "../../../scripts/local_cloud/pipelines/platform_answers.ts";
import { readPlatformProfile } from "../../../scripts/local_cloud/platform_profile.ts";
import { bitbucketCaller, withLocalCloud } from "../../fixtures/programs/local_cloud.ts";

Deno.test("readPlatformProfile() takes every setting whose answer is unsure, and keeps what it is given", () => {
  const all = { ...DEFAULT_PLATFORM_ANSWERS, rotatesLogAt: 4096 };
  assert.deepEqual(readPlatformProfile(JSON.stringify(all)), all);
});

Deno.test("readPlatformProfile() adds nothing, so that what a profile leaves out keeps its default", () => {
  assert.deepEqual(Object.keys(readPlatformProfile("{}")), []);
  assert.deepEqual(readPlatformProfile('{ "showsStep": false }'), { showsStep: false });
});

Deno.test("readPlatformProfile() reads null as a name that may have any length", () => {
  assert.deepEqual(readPlatformProfile('{ "longestName": null }'), { longestName: Infinity });
});

Deno.test("readPlatformProfile() names all problems at once, and what it knows", () => {
  const text = JSON.stringify({ closeForm: "other", offlineAfterMs: -1, showStep: true, variables: {} });
  assert.throws(() => readPlatformProfile(text), ({ message }: Error) => {
    assert.match(message, /^Cannot use platform profile: /);
    for (const part of [/closeForm: .*"public"/, /offlineAfterMs: /, /unknown showStep, variables/]) {
      assert.match(message, part);
    }
    assert.ok(message.includes(Object.keys(DEFAULT_PLATFORM_ANSWERS).join(", ")));
    return true;
  });
});

for (const text of ["{", "[]", "null", '"closeForm"']) {
  Deno.test(`readPlatformProfile() refuses ${text}`, () => {
    assert.throws(() => readPlatformProfile(text), /^Error: Cannot use platform profile: /);
  });
}

Deno.test("A local cloud plays a profile", async () => {
  const bitbucket = readPlatformProfile('{ "longestName": 5 }');
  await withLocalCloud({ bitbucket }, async (cloud) => {
    const create = (name: string) =>
      bitbucketCaller(cloud)("POST", "pipelines-config/runners", { name, labels: ["self.hosted"] });
    assert.equal((await create("five5")).status, 200);
    assert.equal((await create("sixsix")).status, 400);
  });
});
