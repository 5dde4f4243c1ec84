import { delimiter, dirname } from "node:path";
import type { Java } from "../java/java.ts";
import { javaToolOptions } from "../java/java_proxy.ts";
import type { RunnerLaunch } from "../runner/runner.ts";
import type { ChildEnvironment } from "../process/child_environment.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";
import { interpreterOf, type StartScript } from "./start_script.ts";

/**
 * Program and arguments that start Atlassian's shell runner. All goes by the flags of its start.sh, since steps inherit the
 * runner's environment, into which the script puts none of it.
 */
export function shellRunnerCommand(script: StartScript, launch: RunnerLaunch): [string, ...string[]] {
  const start: [string, ...string[]] = script.executable
    ? [script.path]
    : [...interpreterOf(script.text), script.path];
  return [
    ...start,
    ...["--accountUuid", launch.workspaceUuid],
    ...["--repositoryUuid", launch.repositoryUuid],
    ...["--runnerUuid", launch.runnerUuid],
    ...["--OAuthClientId", launch.oauthClientId],
    ...["--OAuthClientSecret", launch.oauthClientSecret],
    ...["--runtime", "linux-shell"],
    ...["--workingDirectory", launch.workingDirectory],
  ];
}

export interface ShellTools {
  readonly java: Pick<Java, "file" | "home" | "foundBy">;
  /** A folder for the end of the PATH. */
  readonly lastFolder: string | undefined;
  /** What LD_LIBRARY_PATH is to be; undefined where it can stay as it is. */
  readonly libraryPath?: string | undefined;
}

/** The environment of the shell runner and its steps: the build's, with the chosen Java as `java`. */
export function shellRunnerEnvironment(
  env: Readonly<Record<string, string>>,
  { java, lastFolder, libraryPath }: ShellTools,
): ChildEnvironment {
  const { JAVA_HOME: _, ...build } = env;
  const toolOptions = javaToolOptions(env);
  // A Java that the PATH leads to anyway leaves it as it is: steps should find what the image's author laid out.
  const first = java.foundBy === "PATH" ? undefined : dirname(java.file);
  return runnerEnvironment({
    ...build,
    PATH: [first, env.PATH, lastFolder].filter((part) => part !== undefined).join(delimiter),
    ...(java.home === undefined ? {} : { JAVA_HOME: java.home }),
    ...(libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath }),
    ...(toolOptions === undefined ? {} : { JAVA_TOOL_OPTIONS: toolOptions }),
  });
}
