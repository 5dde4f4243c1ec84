import assert from "node:assert/strict";
import { keyPolicy } from "../../../cli/setup/key_policy.ts";
import { startRolePermissions } from "../../../cli/setup/start_role_permissions.ts";
import { verdict } from "../../fixtures/iam/evaluate_policy.ts";
import type { Context } from "../../fixtures/iam/policy_pattern.ts";
import { KMS_KEY, SETUP } from "./sample_setup.ts";
import { OWN_CONTEXT, WRONG_CONTEXTS } from "./sealed_context.ts";

const POLICY = keyPolicy({ ...SETUP, credentials: "secret", kmsKey: KMS_KEY });
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

function may(who: string, action: string, context: Context = OWN_CONTEXT): boolean {
  return verdict(POLICY, { action, resource: KMS_KEY, principal: ["AWS", role(who)], context }) === "allowed";
}

Deno.test("`keyPolicy()` lets start-runner close and the build open, and neither do the other's", () => {
  assert.ok(may("start-runner", "kms:Encrypt"));
  assert.ok(!may("start-runner", "kms:GenerateDataKey"));
  assert.ok(may("ci-build", "kms:Decrypt"));
  assert.ok(!may("start-runner", "kms:Decrypt"));
  assert.ok(!may("ci-build", "kms:Encrypt"));
  assert.ok(!may("ci-build", "kms:ReEncryptFrom"));
});

Deno.test("`keyPolicy()` takes exactly the three names, of this workspace and one of the repositories", () => {
  for (const context of WRONG_CONTEXTS) {
    assert.ok(!may("start-runner", "kms:Encrypt", context), JSON.stringify(context));
    assert.ok(!may("ci-build", "kms:Decrypt", context), JSON.stringify(context));
  }
});

Deno.test("`keyPolicy()` lets administrators manage the key, not use it or hand it out", () => {
  for (const action of ["kms:PutKeyPolicy", "kms:DescribeKey", "kms:ScheduleKeyDeletion"]) {
    assert.ok(may("admin", action), action);
  }
  for (const action of ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"]) {
    assert.ok(!may("admin", action), action);
  }
});

Deno.test("start-runner's own policy says the same of sealing, and nothing of it where nothing is sealed", () => {
  const seal = (
    kmsKey: string | undefined,
    context: Context,
    credentials: "runner" | "project" = "runner",
  ) => {
    const setup = { ...SETUP, credentials, ...(kmsKey === undefined ? {} : { kmsKey }) };
    return verdict(startRolePermissions(setup), { action: "kms:Encrypt", resource: KMS_KEY, context });
  };
  assert.equal(seal(KMS_KEY, OWN_CONTEXT), "allowed");
  for (const context of WRONG_CONTEXTS) assert.equal(seal(KMS_KEY, context), "not allowed");
  assert.equal(seal(undefined, OWN_CONTEXT), "not allowed");
  assert.equal(seal(KMS_KEY, OWN_CONTEXT, "project"), "not allowed");
});
