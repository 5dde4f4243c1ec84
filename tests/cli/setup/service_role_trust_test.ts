import assert from "node:assert/strict";
import { serviceRoleTrust } from "../../../cli/setup/service_role_trust.ts";
import { verdict } from "../../fixtures/iam/evaluate_policy.ts";
import { PROJECT, SETUP } from "./sample_setup.ts";

function mayAssume(service: string, context: Record<string, string>): boolean {
  const principal = ["Service", service] as const;
  return verdict(serviceRoleTrust(SETUP), { action: "sts:AssumeRole", principal, context }) === "allowed";
}

Deno.test("`serviceRoleTrust()` lets in CodeBuild for this project of this account, and nobody else", () => {
  const codebuild = "codebuild.amazonaws.com";
  const own = { "aws:SourceArn": PROJECT, "aws:SourceAccount": "123456789012" };
  assert.ok(mayAssume(codebuild, own));
  assert.ok(!mayAssume("lambda.amazonaws.com", own));
  assert.ok(!mayAssume(codebuild, {}));
  assert.ok(!mayAssume(codebuild, { ...own, "aws:SourceArn": PROJECT.replace("/ci", "/ci2") }));
  assert.ok(!mayAssume(codebuild, { ...own, "aws:SourceAccount": "210987654321" }));
});
