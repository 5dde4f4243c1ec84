import { createHash } from "node:crypto";
import type { BitbucketSettings } from "./bitbucket_settings.ts";
import type { OidcTokens } from "./oidc_tokens.ts";
import type { Pipeline, Step } from "./pipeline.ts";

/** Bitbucket's default variables for a step. Source: «Variables and secrets» of Atlassian's documentation. */
export function stepEnvironment(
  step: Step,
  settings: BitbucketSettings,
  oidcTokens: OidcTokens,
): Record<string, string> {
  const { pipeline } = step;
  const { workspace } = settings;
  const environment = deploymentEnvironment(step.definition.deployment);
  const slug = pipeline.repositorySlug;
  const subject = {
    workspaceSlug: workspace.slug,
    workspaceUuid: workspace.uuid,
    repositoryUuid: pipeline.repositoryUuid,
    pipelineUuid: pipeline.uuid,
    stepUuid: step.uuid,
    branch: pipeline.branch,
    environmentUuid: environment?.uuid,
  };
  return {
    CI: "true",
    BITBUCKET_BUILD_NUMBER: String(pipeline.number),
    BITBUCKET_PIPELINE_UUID: pipeline.uuid,
    BITBUCKET_STEP_UUID: step.uuid,
    BITBUCKET_STEP_RUN_NUMBER: String(step.runNumber),
    BITBUCKET_STEP_TRIGGERER_UUID: "{a0b1c2d3-0000-4000-8000-000000000001}",
    BITBUCKET_COMMIT: pipeline.commit,
    ...targetVariables(pipeline),
    ...parallelVariables(step),
    ...(environment === undefined ? {} : {
      BITBUCKET_DEPLOYMENT_ENVIRONMENT: environment.name,
      BITBUCKET_DEPLOYMENT_ENVIRONMENT_UUID: environment.uuid,
    }),
    BITBUCKET_WORKSPACE: workspace.slug,
    BITBUCKET_REPO_OWNER: workspace.slug,
    BITBUCKET_REPO_OWNER_UUID: workspace.uuid,
    BITBUCKET_REPO_SLUG: slug,
    BITBUCKET_REPO_UUID: pipeline.repositoryUuid,
    BITBUCKET_REPO_FULL_NAME: `${workspace.slug}/${slug}`,
    BITBUCKET_REPO_IS_PRIVATE: "true",
    BITBUCKET_PROJECT_KEY: "DEMO",
    BITBUCKET_PROJECT_UUID: "{a0b1c2d3-0000-4000-8000-000000000002}",
    BITBUCKET_GIT_HTTP_ORIGIN: `https://bitbucket.org/${workspace.slug}/${slug}`,
    BITBUCKET_GIT_SSH_ORIGIN: `git@bitbucket.org:${workspace.slug}/${slug}.git`,
    ...(step.definition.oidc ? { BITBUCKET_STEP_OIDC_TOKEN: oidcTokens.issue(subject) } : {}),
  };
}

function targetVariables({ branch, tag, pullRequest }: Pipeline): Record<string, string> {
  if (tag !== undefined) return { BITBUCKET_TAG: tag };
  return {
    ...(branch === undefined ? {} : { BITBUCKET_BRANCH: branch }),
    ...(pullRequest === undefined ? {} : {
      BITBUCKET_PR_ID: String(pullRequest.id),
      BITBUCKET_PR_DESTINATION_BRANCH: pullRequest.destination,
      BITBUCKET_PR_DESTINATION_COMMIT: pullRequest.destinationCommit,
    }),
  };
}

function parallelVariables(step: Step): Record<string, string> {
  const item = step.pipeline.items.find((candidate) => candidate.includes(step)) ?? [];
  if (item.length < 2) return {};
  return {
    BITBUCKET_PARALLEL_STEP: String(item.indexOf(step)),
    BITBUCKET_PARALLEL_STEP_COUNT: String(item.length),
  };
}

/** An environment has the same UUID whenever it is deployed to. */
function deploymentEnvironment(name: string | undefined): { name: string; uuid: string } | undefined {
  if (name === undefined) return undefined;
  const hash = createHash("sha256").update(name).digest("hex");
  const uuid = hash.replace(/^(.{8})(.{4})(.{3})(.{3})(.{12}).*$/, "{$1-$2-4$3-8$4-$5}");
  return { name, uuid };
}
