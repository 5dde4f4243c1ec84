import { type CodeBuildProject, type CodeBuildSettings, DEFAULT_IMAGE } from "./codebuild_project.ts";

/** A project as BatchGetProjects shows it. */
export function projectToWire(project: CodeBuildProject, settings: CodeBuildSettings): object {
  const { region, accountId } = settings;
  const { name, concurrentBuildLimit, vpcConfig, buildspec, environmentVariables = [] } = project;
  return {
    name,
    arn: `arn:aws:codebuild:${region}:${accountId}:project/${name}`,
    serviceRole: `arn:aws:iam::${accountId}:role/${name}-build`,
    source: { type: project.sourceType ?? "NO_SOURCE", ...(buildspec === undefined ? {} : { buildspec }) },
    artifacts: { type: "NO_ARTIFACTS" },
    environment: {
      type: project.environmentType ?? "LINUX_CONTAINER",
      image: project.image ?? DEFAULT_IMAGE,
      computeType: project.computeType ?? "BUILD_GENERAL1_MEDIUM",
      privilegedMode: project.privilegedMode ?? true,
      ...(project.fleetArn === undefined ? {} : { fleet: { fleetArn: project.fleetArn } }),
      environmentVariables: environmentVariables.map((one) => ({ type: "PLAINTEXT", ...one })),
    },
    timeoutInMinutes: project.timeoutInMinutes ?? 60,
    queuedTimeoutInMinutes: project.queuedTimeoutInMinutes ?? 480,
    logsConfig: { cloudWatchLogs: project.cloudWatchLogs ?? { status: "ENABLED" } },
    ...(concurrentBuildLimit === undefined ? {} : { concurrentBuildLimit }),
    ...(vpcConfig === undefined ? {} : { vpcConfig }),
  };
}
