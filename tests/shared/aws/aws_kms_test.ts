import assert from "node:assert/strict";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { STATIC_CREDENTIALS } from "../../../scripts/local_cloud/aws/aws_credentials.ts";
import { FAULT_KINDS } from "../../../scripts/local_cloud/server/faults.ts";
import { createKms } from "../../../shared/aws/aws_kms.ts";
import type { AwsErrorKind } from "../../../shared/aws/aws_errors.ts";
import { withLocalCloud } from "../../fixtures/programs/local_cloud.ts";

const PLAIN = new TextEncoder().encode("plain");
const CONTEXT = { workspace: "{w}" };
const BY = { keyId: "alias/bitbucket-runner", context: CONTEXT };

function kmsOf({ url }: LocalCloud) {
  const host = { env: { AWS_ENDPOINT_URL: url }, fetch };
  const credentials = { ...STATIC_CREDENTIALS, sessionToken: "" };
  return createKms({ host, region: "eu-central-1", timeoutMs: 300, credentials });
}

/** A refusal passes when somebody grants the right, expired credentials when somebody gives others. */
const PASSING = FAULT_KINDS.filter((kind) => !["forbidden", "expired token", "conflict"].includes(kind));
for (const kind of PASSING) {
  Deno.test(`one «${kind}» at a call to KMS does not fail it`, async () => {
    await withLocalCloud({}, async (cloud) => {
      cloud.faults.inject({ call: "Encrypt", kind });
      cloud.faults.inject({ call: "Decrypt", kind });
      const kms = kmsOf(cloud);
      assert.deepEqual(await kms.decrypt(await kms.encrypt(PLAIN, BY), CONTEXT), PLAIN);
      assert.equal(cloud.faults.struck.length, 2);
    });
  });
}

const LASTING: readonly (readonly [kind: typeof FAULT_KINDS[number], meaning: AwsErrorKind])[] = [
  ["throttling", "throttled"],
  ["500", "unavailable"],
  ["hang", "unavailable"],
  ["missing fields", "unavailable"],
  ["forbidden", "refused"],
  ["expired token", "expired"],
];
for (const [kind, meaning] of LASTING) {
  Deno.test(`a lasting «${kind}» at a call to KMS is told as ${meaning}, with the call's name`, async () => {
    await withLocalCloud({}, async (cloud) => {
      cloud.faults.inject({ call: "Decrypt", kind, times: Infinity });
      const { blob } = cloud.kms.encrypt(BY.keyId, PLAIN, CONTEXT);
      const opened = kmsOf(cloud).decrypt(blob, CONTEXT);
      await assert.rejects(opened, { name: "AwsCallError", call: "Decrypt", kind: meaning });
    });
  });
}

Deno.test("a call to KMS ends with the signal's reason when it is no longer wanted", async () => {
  await withLocalCloud({}, async (cloud) => {
    cloud.faults.inject({ call: "Encrypt", kind: "hang" });
    const controller = new AbortController();
    const reason = new Error("not wanted any more");
    const pending = kmsOf(cloud).encrypt(PLAIN, BY, controller.signal);
    const struck = cloud.happenings.until("request").then(() => controller.abort(reason));
    await assert.rejects(pending, reason);
    await struck;
  });
});
