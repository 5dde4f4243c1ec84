import assert from "node:assert/strict";
import { serviceRolePermissions } from "../../../cli/setup/service_role_permissions.ts";
import { SESSION_ACTIONS } from "../../../shared/output/held_build.ts";
import type { Setup } from "../../../cli/setup/setup.ts";
import { type AwsRequest, verdict } from "../../fixtures/iam/evaluate_policy.ts";
import { KMS_KEY, LOG_GROUP, PROJECT, SETUP } from "./sample_setup.ts";
import { OWN_CONTEXT, WRONG_CONTEXTS } from "./sealed_context.ts";

const LOG: AwsRequest = { action: "logs:PutLogEvents", resource: `${LOG_GROUP}:log-stream:abc` };
const SECRET: AwsRequest = {
  action: "secretsmanager:GetSecretValue",
  resource: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:bitbucket-runner-AbCdEf",
};
const LOOK: AwsRequest = { action: "codebuild:BatchGetBuilds", resource: PROJECT };
const OPEN: AwsRequest = { action: "kms:Decrypt", resource: KMS_KEY, context: OWN_CONTEXT };

function allowed(setup: Setup, requests: Record<string, AwsRequest>): string[] {
  const policy = serviceRolePermissions(setup);
  return Object.keys(requests).filter((name) => verdict(policy, requests[name] ?? LOG) === "allowed");
}

/** What a build needs in each mode; looking at builds would show the credentials of others, which this role may open. */
const NEEDS: readonly (readonly [Setup["credentials"], boolean, readonly string[]])[] = [
  ["secret", false, ["log"]],
  ["token", false, ["log"]],
  ["project", false, ["log", "secret", "look"]],
  ["runner", false, ["log"]],
  ["secret", true, ["log", "open"]],
  ["token", true, ["log", "open"]],
  ["project", true, ["log", "secret", "look"]],
  ["runner", true, ["log", "open"]],
];

for (const [credentials, sealed, expected] of NEEDS) {
  Deno.test(`a build in mode ${credentials}${sealed ? ", sealed," : ""} may do what it needs`, () => {
    const setup: Setup = { ...SETUP, credentials, ...(sealed ? { kmsKey: KMS_KEY } : {}) };
    assert.deepEqual(allowed(setup, { log: LOG, secret: SECRET, look: LOOK, open: OPEN }), expected);
  });
}

Deno.test("a build may open sessions where somebody is to look into it, and nowhere else", () => {
  const requests = Object.fromEntries(
    SESSION_ACTIONS.map((action) => [action, { action, resource: "*" }]),
  );
  assert.deepEqual(allowed({ ...SETUP, debug: true }, requests), [...SESSION_ACTIONS]);
  assert.deepEqual(allowed({ ...SETUP, debug: false }, requests), []);
  assert.deepEqual(
    allowed({ ...SETUP, debug: true }, { start: { action: "ssm:StartSession", resource: "*" } }),
    [],
  );
});

Deno.test("a build may not reach what belongs to others", () => {
  const setup: Setup = { ...SETUP, kmsKey: KMS_KEY };
  const others = {
    log: { ...LOG, resource: LOG.resource?.replace("/ci", "/other") ?? "" },
    longerName: { ...LOG, resource: LOG.resource?.replace("/ci", "/ci-2") ?? "" },
    secret: { ...SECRET, resource: SECRET.resource?.replace("-runner-", "-runner-production-") ?? "" },
    start: { action: "codebuild:StartBuild", resource: PROJECT },
    stop: { action: "codebuild:StopBuild", resource: PROJECT },
    look: { ...LOOK, resource: PROJECT.replace("/ci", "/other") },
    readLog: { action: "logs:GetLogEvents", resource: LOG.resource ?? "" },
    deleteLog: { action: "logs:DeleteLogGroup", resource: LOG_GROUP },
  };
  assert.deepEqual(allowed(setup, others), []);
});

Deno.test("a build opens what was sealed for its workspace and one of the repositories, and closes nothing", () => {
  const setup: Setup = { ...SETUP, credentials: "runner", kmsKey: KMS_KEY };
  for (const context of WRONG_CONTEXTS) assert.deepEqual(allowed(setup, { open: { ...OPEN, context } }), []);
  const others = {
    otherKey: { ...OPEN, resource: `${KMS_KEY}1` },
    encrypt: { ...OPEN, action: "kms:Encrypt" },
    grant: { ...OPEN, action: "kms:CreateGrant" },
  };
  assert.deepEqual(allowed(setup, others), []);
});
