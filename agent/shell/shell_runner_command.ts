import { delimiter, dirname } from "node:path";
import type { Java } from "./java.ts";
import { javaToolOptions } from "./java_proxy.ts";
import type { RunnerLaunch } from "../runner/runner.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";

export interface ShellCommand {
  readonly script: string;
  /** Whether the script has its executable bit, which some ways of copying lose. */
  readonly executable: boolean;
  readonly launch: RunnerLaunch;
  readonly secretsByEnvironment: boolean;
}

/**
 * Program and arguments that start Atlassian's shell runner, with the flags of its start.sh. Flags are given even where the
 * environment says the same, since not every version of the script reads it.
 */
export function shellRunnerCommand(scriptText: string, command: ShellCommand): [string, ...string[]] {
  const { launch } = command;
  const start: [string, ...string[]] = command.executable
    ? [command.script]
    : [...interpreterOf(scriptText), command.script];
  const secrets = command.secretsByEnvironment
    ? []
    : ["--OAuthClientId", launch.oauthClientId, "--OAuthClientSecret", launch.oauthClientSecret];
  return [
    ...start,
    ...["--accountUuid", launch.workspaceUuid],
    ...["--repositoryUuid", launch.repositoryUuid],
    ...["--runnerUuid", launch.runnerUuid],
    ...secrets,
    ...["--runtime", "linux-shell"],
    ...["--workingDirectory", launch.workingDirectory],
  ];
}

/** Whether a start.sh reads the OAuth client from the environment, where other users of the machine cannot see it. */
export function takesSecretsFromEnvironment(scriptText: string): boolean {
  return scriptText.includes("OAUTH_CLIENT_SECRET");
}

export interface ShellEnvironment {
  readonly launch: RunnerLaunch;
  readonly java: Java;
  readonly secretsByEnvironment: boolean;
}

/** The environment of the shell runner and its steps: the build's, with the chosen Java as `java`. */
export function shellRunnerEnvironment(
  env: Readonly<Record<string, string>>,
  { launch, java, secretsByEnvironment }: ShellEnvironment,
): Record<string, string> {
  const { JAVA_HOME: _, ...build } = runnerEnvironment(env);
  const toolOptions = javaToolOptions(env);
  return {
    ...build,
    PATH: pathWithJava(env.PATH, java),
    ...(java.home === undefined ? {} : { JAVA_HOME: java.home }),
    ...(toolOptions === undefined ? {} : { JAVA_TOOL_OPTIONS: toolOptions }),
    ACCOUNT_UUID: launch.workspaceUuid,
    REPOSITORY_UUID: launch.repositoryUuid,
    RUNNER_UUID: launch.runnerUuid,
    RUNTIME: "linux-shell",
    WORKING_DIRECTORY: launch.workingDirectory,
    ...(secretsByEnvironment
      ? { OAUTH_CLIENT_ID: launch.oauthClientId, OAUTH_CLIENT_SECRET: launch.oauthClientSecret }
      : {}),
  };
}

/** A Java that the PATH leads to anyway leaves it as it is: steps should find what the image's author laid out. */
function pathWithJava(path: string | undefined, java: Java): string {
  if (java.foundBy === "PATH") return path ?? "";
  return [dirname(java.file), ...(path === undefined ? [] : [path])].join(delimiter);
}

/** What the script's first line names to run it, `sh` when it names nothing. */
function interpreterOf(scriptText: string): [string, ...string[]] {
  const [program, ...options] = /^#!\s*(\S.*)/.exec(scriptText)?.[1]?.trim().split(/\s+/) ?? [];
  return program === undefined ? ["/bin/sh"] : [program, ...options];
}
