import assert from "node:assert/strict";
import { startRoleTrust } from "../../../cli/setup/start_role_trust.ts";
import type { TrustedRepository } from "../../../cli/setup/setup.ts";
import { verdict } from "../../fixtures/iam/evaluate_policy.ts";
import { REPOSITORY, WORKSPACE } from "../../fixtures/servers/fake_bitbucket_state.ts";
import { SETUP } from "./sample_setup.ts";

const ISSUER = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";
const PROVIDER = `arn:aws:iam::123456789012:oidc-provider/${ISSUER}`;
const AUDIENCE = `ari:cloud:bitbucket::workspace/${WORKSPACE.replace(/[{}]/g, "")}`;
const STEP = "{55555555-5555-4555-8555-555555555555}";
const PRODUCTION = "{33333333-3333-4333-8333-333333333333}";

function mayAssume(repository: TrustedRepository, sub: string, aud = AUDIENCE, provider = PROVIDER): boolean {
  const trust = startRoleTrust({ ...SETUP, repositories: [repository] });
  const context = { [`${ISSUER}:sub`]: sub, [`${ISSUER}:aud`]: aud };
  const principal = ["Federated", provider] as const;
  return verdict(trust, { action: "sts:AssumeRoleWithWebIdentity", principal, context }) === "allowed";
}

Deno.test("`startRoleTrust()` lets in steps of the repositories, whichever of theirs and in any environment", () => {
  const repository = { uuid: REPOSITORY };
  assert.ok(mayAssume(repository, `${REPOSITORY}:${STEP}`));
  assert.ok(mayAssume(repository, `${REPOSITORY}:${PRODUCTION}:${STEP}`));
  assert.ok(mayAssume({ uuid: REPOSITORY.replace(/[{}]/g, "") }, `${REPOSITORY}:${STEP}`));
});

Deno.test("`startRoleTrust()` lets in an environment's steps alone, where one is named", () => {
  const repository = { uuid: REPOSITORY, environment: PRODUCTION };
  assert.ok(mayAssume(repository, `${REPOSITORY}:${PRODUCTION}:${STEP}`));
  assert.ok(!mayAssume(repository, `${REPOSITORY}:${STEP}`));
  assert.ok(!mayAssume(repository, `${REPOSITORY}:{44444444-4444-4444-8444-444444444444}:${STEP}`));
});

Deno.test("`startRoleTrust()` lets in nobody else", () => {
  const repository = { uuid: REPOSITORY };
  assert.ok(!mayAssume(repository, `${STEP}:${REPOSITORY}`));
  assert.ok(!mayAssume(repository, `x${REPOSITORY}:${STEP}`));
  assert.ok(!mayAssume(repository, `${REPOSITORY}:${STEP}`, "ari:cloud:bitbucket::workspace/other"));
  assert.ok(
    !mayAssume(repository, `${REPOSITORY}:${STEP}`, AUDIENCE, PROVIDER.replace("acme", "other")),
  );
});
