import { type Build, variablesOf } from "./build.ts";
import type { Buildspec } from "./buildspec_file.ts";
import type { CodeBuildSettings } from "./codebuild_project.ts";
import { CONTAINER_VARIABLE } from "../machine/process_tree.ts";

/** The folders of one build; on CodeBuild each build has a container of its own instead. */
export interface BuildFolders {
  readonly root: string;
  readonly home: string;
  readonly source: string;
  readonly runnerHome: string;
  /** CodeBuild's own commands, on the PATH. */
  readonly bin: string;
  /** For the local cloud's own files. */
  readonly commands: string;
}

/** A variable whose value is kept elsewhere could not be resolved; CodeBuild fails in DOWNLOAD_SOURCE then. */
export class UnresolvedVariable extends Error {}

/** Makes the folders of a build. */
export async function makeBuildFolders(folder: string, uuid: string): Promise<BuildFolders> {
  const root = `${folder}/${uuid}`;
  const folders = {
    root,
    home: `${root}/home`,
    source: `${root}/codebuild/output/src1/src`,
    runnerHome: `${root}/runner`,
    bin: `${root}/codebuild/bin`,
    commands: `${root}/codebuild/commands`,
  };
  for (const path of [folders.home, folders.source, folders.commands]) {
    await Deno.mkdir(path, { recursive: true });
  }
  return folders;
}

/**
 * The environment of a build's commands: StartBuild's variables go before the project's, those before the
 * buildspec's, and CodeBuild's own before all. Also the values to be masked in the log.
 */
export function buildEnvironment(
  build: Build,
  buildspec: Buildspec,
  folders: BuildFolders,
): { env: Record<string, string>; secrets: string[] } {
  const { settings } = build;
  const secrets: string[] = [];
  const resolve = (type: string, name: string): string => {
    const value = type === "PLAINTEXT" ? name : secretValue(settings, type, name);
    if (type !== "PLAINTEXT") secrets.push(value);
    return value;
  };
  const referenced = (references: Readonly<Record<string, string>>, type: string) =>
    Object.fromEntries(
      Object.entries(references).map(([name, reference]) => [name, resolve(type, reference)]),
    );
  const given = variablesOf(build.project, build.input).map((
    { name, type, value },
  ) => [name, resolve(type, value)]);
  const env: Record<string, string> = {
    ...settings.machineEnv,
    HOME: folders.home,
    RUNNER_HOME: folders.runnerHome,
    ...buildspec.variables,
    ...referenced(buildspec.parameterStore, "PARAMETER_STORE"),
    ...referenced(buildspec.secretsManager, "SECRETS_MANAGER"),
    ...Object.fromEntries(given),
    ...codeBuildVariables(build, folders),
    [CONTAINER_VARIABLE]: build.uuid,
  };
  env["PATH"] = `${folders.bin}:${env["PATH"]}`;
  const lacks = build.environmentType.endsWith("_EC2") ? settings.ec2Lacks : [];
  for (const name of lacks) delete env[name];
  return { env, secrets };
}

function secretValue(settings: CodeBuildSettings, type: string, name: string): string {
  const store = type === "PARAMETER_STORE" ? settings.parameterStore : settings.secretsManager;
  const value = store[name];
  if (value !== undefined) return value;
  const reason = type === "PARAMETER_STORE"
    ? "ParameterNotFound"
    : "Secrets Manager can't find the specified secret.";
  throw new UnresolvedVariable(`${type} variable ${name} could not be resolved: ${reason}`);
}

/** Source: the list of environment variables in CodeBuild's user guide. */
function codeBuildVariables(build: Build, folders: BuildFolders): Record<string, string> {
  const { region, accountId } = build.settings;
  return {
    CI: "true",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    CODEBUILD_BUILD_ARN: build.arn,
    CODEBUILD_BUILD_ID: build.id,
    CODEBUILD_BUILD_IMAGE: build.image,
    CODEBUILD_BUILD_NUMBER: String(build.number),
    CODEBUILD_BUILD_SUCCEEDING: "1",
    CODEBUILD_BUILD_URL:
      `https://${region}.console.aws.amazon.com/codebuild/home?region=${region}#/builds/${build.id}/view/new`,
    CODEBUILD_INITIATOR: "runner/step",
    CODEBUILD_KMS_KEY_ID: `arn:aws:kms:${region}:${accountId}:alias/aws/s3`,
    CODEBUILD_PROJECT_ARN: `arn:aws:codebuild:${region}:${accountId}:project/${build.project.name}`,
    CODEBUILD_SOURCE_VERSION: build.input.sourceVersion ?? "",
    CODEBUILD_SRC_DIR: folders.source,
    CODEBUILD_START_TIME: String(build.startMs),
  };
}
