import type { Setup } from "../../../cli/setup/setup.ts";
import { REPOSITORY, WORKSPACE } from "../../fixtures/servers/fake_bitbucket_state.ts";

/** The setup that the requests of `stepEnvironment()` fit. */
export const SETUP: Setup = {
  account: "123456789012",
  region: "eu-west-1",
  project: "ci",
  startRole: "start-runner",
  serviceRole: "ci-build",
  workspace: "acme",
  workspaceUuid: WORKSPACE,
  repositories: [{ uuid: REPOSITORY }],
  credentials: "project",
  secret: "bitbucket-runner",
  runnerTypes: ["shell", "docker"],
  ownVariables: [],
};

export const KMS_KEY = "arn:aws:kms:eu-west-1:123456789012:key/0b4c8a52-0000-4000-8000-000000000000";
export const PROJECT = "arn:aws:codebuild:eu-west-1:123456789012:project/ci";
export const LOG_GROUP = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/codebuild/ci";
