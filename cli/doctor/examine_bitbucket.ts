import type { Project } from "../../shared/aws/aws_codebuild.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import type { AwsSession } from "../aws/aws_session.ts";
import { ask } from "./answer.ts";
import type { Examination } from "./examination.ts";
import type { Finding } from "./finding.ts";
import { bitbucketFindings, bitbucketUnknown, clockFinding } from "./findings/bitbucket_findings.ts";
import { credentialKind, plainProjectCredentials } from "./findings/credential_findings.ts";
import { buildsBehind, runnerFindings } from "./findings/runner_findings.ts";

/** Asks Bitbucket as the agent would, with the step's credentials or those that stand openly in the project. */
export async function examineBitbucket(
  { host, log, config, signal }: Examination,
  project: Project | undefined,
  session: AwsSession | undefined,
): Promise<Finding[]> {
  const { credentials: own, apiUrl, tokenUrl, apiTimeoutS } = config;
  // Bitbucket takes the names in addresses as well.
  const workspaceUuid = config.workspaceUuid ?? config.workspace;
  const repositoryUuid = config.repositoryUuid ?? config.repository;
  const credentials = own ?? plainProjectCredentials(project);
  if (credentials === undefined) {
    return bitbucketUnknown(
      "the credentials are out of reach here: the build alone gets them",
      "set BITBUCKET_… to the same credentials in your shell and run start-runner doctor there",
    );
  }
  if (
    apiUrl === undefined || tokenUrl === undefined || workspaceUuid === undefined ||
    repositoryUuid === undefined
  ) {
    return bitbucketUnknown(
      "no repository is known",
      "set REPO_UUID and WORKSPACE_UUID, or run it in a step",
    );
  }
  const where = { apiUrl, tokenUrl, workspaceUuid, repositoryUuid };
  const { lookAtBitbucket } = await import("./bitbucket_look.ts");
  const look = await lookAtBitbucket(host, { ...where, credentials, apiTimeoutS, log }, signal);
  const whose = `${credentialKind(credentials)}, from the ${own === undefined ? "project" : "environment"}`;
  const ended = await askEnded(
    session,
    config.project === undefined ? [] : buildsBehind(look, config.project),
    signal,
  );
  const now = host.now() - (look.aheadMs ?? 0);
  return [
    ...bitbucketFindings(look, credentials, whose),
    ...runnerFindings(look, config, ended, now),
    clockFinding(look.aheadMs),
  ];
}

async function askEnded(
  session: AwsSession | undefined,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, boolean> | undefined> {
  if (session === undefined || ids.length === 0) return undefined;
  const answer = await ask(
    signal,
    () => session.call((codebuild) => codebuild.getBuilds(ids, signal), signal),
  );
  return "error" in answer ? undefined : new Map(answer.value.map((build) => [build.id, hasEnded(build)]));
}
