import { urlPart } from "../program/url_part.ts";

/** Addresses of one repository's resources. Identifiers keep their braces, percent-encoded, as Bitbucket wants them. */
export interface BitbucketUrls {
  runners(runnerUuid?: string): string;
  /** The older, internal address for changing a runner's state; not in the published description. */
  runnerState(runnerUuid: string): string;
  pipelines(pipelineUuid?: string): string;
  steps(pipelineUuid: string): string;
}

/** The addresses below an API base such as `https://api.bitbucket.org/2.0`; workspace and repository are UUIDs or slugs. */
export function bitbucketUrls(
  { apiUrl, workspace, repository }: { apiUrl: string; workspace: string; repository: string },
): BitbucketUrls {
  const path = `/repositories/${urlPart(workspace)}/${urlPart(repository)}`;
  const runners = `${path}/pipelines-config/runners`;
  const pipelines = (uuid?: string) => `${apiUrl}${path}/pipelines${below(uuid)}`;
  return {
    runners: (uuid) => `${apiUrl}${runners}${below(uuid)}`,
    runnerState: (uuid) => `${internalUrl(apiUrl)}${runners}${below(uuid)}/state`,
    pipelines,
    steps: (uuid) => `${pipelines(uuid)}/steps`,
  };
}

function below(uuid: string | undefined): string {
  return uuid === undefined ? "" : `/${urlPart(uuid)}`;
}

function internalUrl(apiUrl: string): string {
  return apiUrl.endsWith("/2.0") ? apiUrl.replace(/2\.0$/, "internal") : `${apiUrl}/internal`;
}
