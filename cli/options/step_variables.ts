import { credential, text, uuid } from "../../shared/settings/parse_value.ts";
import type { Setting } from "../../shared/settings/settings.ts";

const IN_A_STEP = "run start-runner in a step of Bitbucket Pipelines";

/** What is read of the pipeline step; on a laptop the agent's own names of the variables serve as well. */
export const stepVariables = {
  pipelineUuid: {
    variables: ["BITBUCKET_PIPELINE_UUID", "PIPELINE_UUID"],
    help: "the pipeline that gets the runner",
    parse: uuid,
    required: "pipeline",
    together: IN_A_STEP,
  },
  repositoryUuid: {
    variables: ["BITBUCKET_REPO_UUID", "REPO_UUID"],
    help: "the repository that gets the runner",
    parse: uuid,
    required: "repository",
    together: IN_A_STEP,
  },
  workspaceUuid: {
    variables: ["BITBUCKET_REPO_OWNER_UUID", "WORKSPACE_UUID"],
    help: "the workspace that owns the repository",
    parse: uuid,
    required: "workspace",
    together: IN_A_STEP,
  },
  stepUuid: { variables: ["BITBUCKET_STEP_UUID"], help: "the step that starts the runner", parse: uuid },
  stepRun: { variables: ["BITBUCKET_STEP_RUN_NUMBER"], help: "1, or more for a step run again", parse: text },
  oidcToken: {
    variables: ["BITBUCKET_STEP_OIDC_TOKEN"],
    help: "the step's OIDC token (`oidc: true`)",
    parse: credential,
    secret: true,
  },
  workspace: { variables: ["BITBUCKET_WORKSPACE"], help: "the workspace's slug", parse: text },
  repository: { variables: ["BITBUCKET_REPO_SLUG"], help: "the repository's slug", parse: text },
  branch: { variables: ["BITBUCKET_BRANCH"], help: "the branch that is built", parse: text },
  tag: { variables: ["BITBUCKET_TAG"], help: "the tag that is built", parse: text },
  commit: { variables: ["BITBUCKET_COMMIT"], help: "the commit that is built", parse: text },
  buildNumber: { variables: ["BITBUCKET_BUILD_NUMBER"], help: "the pipeline's number", parse: text },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
