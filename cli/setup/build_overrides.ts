/**
 * What StartBuild can override and start-runner never does, with the condition keys (after `codebuild:`) by which a
 * policy sees it: of a structure the key of its own and one of a member, since AWS's guide tells of the check for
 * presence with a member only. Source: service authorization reference, «Actions defined by AWS CodeBuild», StartBuild.
 */
export const UNUSED_OVERRIDES: Readonly<Record<string, readonly string[]>> = {
  artifactsOverride: ["artifacts", "artifacts.location"],
  buildStatusConfigOverride: ["source.buildStatusConfig.context", "source.buildStatusConfig.targetUrl"],
  cacheOverride: ["cache", "cache.type"],
  certificateOverride: ["environment.certificate"],
  encryptionKeyOverride: ["encryptionKey"],
  insecureSslOverride: ["source.insecureSsl"],
  logsConfigOverride: ["logsConfig", "logsConfig.s3Logs"],
  registryCredentialOverride: ["environment.registryCredential", "environment.registryCredential.credential"],
  secondaryArtifactsOverride: ["secondaryArtifacts", "secondaryArtifacts.artifactIdentifier"],
  secondarySourcesOverride: ["secondarySources", "secondarySources.sourceIdentifier"],
  serviceRoleOverride: ["serviceRole"],
  sourceAuthOverride: ["source.auth.resource", "source.auth.type"],
  sourceLocationOverride: ["source.location"],
};

/** What StartBuild can override though no condition key shows it, so that no policy can deny it. Source: the same. */
export const UNGUARDED_OVERRIDES: readonly string[] = [
  "debugSessionEnabled",
  "gitCloneDepthOverride",
  "gitSubmodulesConfigOverride",
  "hostKernelOverride",
  "queuedTimeoutInMinutesOverride",
  "reportBuildStatusOverride",
  "secondarySourcesVersionOverride",
  "sourceTypeOverride",
  "sourceVersion",
  "timeoutInMinutesOverride",
];
