import { contextConditions } from "./encryption_context.ts";
import { allowing, type PolicyDocument } from "./policy_document.ts";
import { accountArn, type Setup } from "./setup.ts";

/**
 * Who may do what with the key that seals: start-runner's role closes, the builds' role opens, both for these
 * repositories only. The account's administrators manage the key and read nothing; KMS refuses a policy without them.
 */
export function keyPolicy(setup: Setup): PolicyDocument {
  const Condition = contextConditions(setup);
  return allowing(
    {
      Sid: "Manage",
      Principal: { AWS: accountArn(setup, "root") },
      Action: MANAGEMENT,
      Resource: "*",
    },
    {
      Sid: "Seal",
      Principal: { AWS: accountArn(setup, `role/${setup.startRole}`) },
      Action: "kms:Encrypt",
      Resource: "*",
      Condition,
    },
    {
      Sid: "Open",
      Principal: { AWS: accountArn(setup, `role/${setup.serviceRole}`) },
      Action: "kms:Decrypt",
      Resource: "*",
      Condition,
    },
  );
}

/** Without what uses the key, and without grants, by which a manager could hand that out. Source: KMS's default policy. */
const MANAGEMENT = [
  "kms:CancelKeyDeletion",
  "kms:CreateAlias",
  "kms:Delete*",
  "kms:Describe*",
  "kms:Disable*",
  "kms:Enable*",
  "kms:Get*",
  "kms:List*",
  "kms:Put*",
  "kms:Revoke*",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:Update*",
];
