import { keyPolicy } from "../../cli/setup/key_policy.ts";
import type { PolicyDocument } from "../../cli/setup/policy_document.ts";
import { serviceRolePermissions } from "../../cli/setup/service_role_permissions.ts";
import { serviceRoleTrust } from "../../cli/setup/service_role_trust.ts";
import type { Setup } from "../../cli/setup/setup.ts";
import { startRolePermissions } from "../../cli/setup/start_role_permissions.ts";
import { startRoleTrust } from "../../cli/setup/start_role_trust.ts";
import { RUNNER_TYPES } from "../../shared/settings/runner_type.ts";

export const PLACEHOLDER_KEY = "arn:aws:kms:REGION:ACCOUNT:key/KEY_ID";

/** The setup of the pages: their placeholders, and the names that they give to what they make. */
export const PAGE_SETUP: Setup = {
  account: "ACCOUNT",
  region: "REGION",
  project: "bitbucket-runner",
  startRole: "start-runner",
  serviceRole: "bitbucket-runner-build",
  workspace: "WORKSPACE",
  workspaceUuid: "WORKSPACE_UUID",
  repositories: [{ uuid: "REPO_UUID" }],
  credentials: "project",
  secret: "bitbucket-runner",
  runnerTypes: RUNNER_TYPES,
  ownVariables: [],
};

/** The same with what the stricter set leaves to the project. */
export const STRICTER: Partial<Setup> = {
  runnerTypes: ["shell"],
  customBuildspec: { images: [], computeTypes: [] },
};

/** All documents of a setup, by the names of the files that the pages put them into. */
export function documentsOf(setup: Setup): Record<string, PolicyDocument> {
  return {
    "trust.json": startRoleTrust(setup),
    "permissions.json": startRolePermissions(setup),
    "service-trust.json": serviceRoleTrust(setup),
    "service-permissions.json": serviceRolePermissions(setup),
    ...(setup.kmsKey === undefined ? {} : { "key-policy.json": keyPolicy(setup) }),
  };
}
