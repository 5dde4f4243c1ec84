import type { BitbucketSettings } from "./bitbucket_settings.ts";
import type { OidcTokens } from "./oidc_tokens.ts";
import type { Step } from "./pipeline.ts";

/** Bitbucket's default variables for a step. Source: «Variables and secrets» of Atlassian's documentation. */
export function stepEnvironment(
  step: Step,
  settings: BitbucketSettings,
  oidcTokens: OidcTokens,
): Record<string, string> {
  const { pipeline } = step;
  const { workspace } = settings;
  const slug = pipeline.repositorySlug;
  const subject = {
    workspaceSlug: workspace.slug,
    workspaceUuid: workspace.uuid,
    repositoryUuid: pipeline.repositoryUuid,
    pipelineUuid: pipeline.uuid,
    stepUuid: step.uuid,
    branch: pipeline.branch,
  };
  return {
    CI: "true",
    BITBUCKET_BUILD_NUMBER: String(pipeline.number),
    BITBUCKET_PIPELINE_UUID: pipeline.uuid,
    BITBUCKET_STEP_UUID: step.uuid,
    BITBUCKET_STEP_RUN_NUMBER: String(step.runNumber),
    BITBUCKET_STEP_TRIGGERER_UUID: "{a0b1c2d3-0000-4000-8000-000000000001}",
    BITBUCKET_COMMIT: pipeline.commit,
    BITBUCKET_BRANCH: pipeline.branch,
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
