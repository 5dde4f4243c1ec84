import { delimiter, dirname } from "node:path";
import type { Java } from "./java.ts";
import { javaToolOptions } from "./java_proxy.ts";
import type { RunnerLaunch } from "../runner/runner.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";

export interface StartScript {
  readonly path: string;
  readonly text: string;
  /** Whether it has its executable bit, which some ways of copying lose. */
  readonly executable: boolean;
}

/**
 * Program and arguments that start Atlassian's shell runner. All goes by the flags of its start.sh, the secret too: steps
 * inherit the runner's environment, into which the script puts none of it, and Java's command line has it in any case.
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
  readonly java: Java;
  /** A folder for the end of the PATH. */
  readonly lastFolder: string | undefined;
}

/** The environment of the shell runner and its steps: the build's, with the chosen Java as `java`. */
export function shellRunnerEnvironment(
  env: Readonly<Record<string, string>>,
  { java, lastFolder }: ShellTools,
): Record<string, string> {
  const { JAVA_HOME: _, ...build } = runnerEnvironment(env);
  const toolOptions = javaToolOptions(env);
  // A Java that the PATH leads to anyway leaves it as it is: steps should find what the image's author laid out.
  const first = java.foundBy === "PATH" ? undefined : dirname(java.file);
  return {
    ...build,
    PATH: [first, env.PATH, lastFolder].filter((part) => part !== undefined).join(delimiter),
    ...(java.home === undefined ? {} : { JAVA_HOME: java.home }),
    ...(toolOptions === undefined ? {} : { JAVA_TOOL_OPTIONS: toolOptions }),
  };
}

/** What the script's first line names to run it, `sh` when it names nothing. */
function interpreterOf(scriptText: string): [string, ...string[]] {
  const [program, ...options] = /^#!\s*(\S.*)/.exec(scriptText)?.[1]?.trim().split(/\s+/) ?? [];
  return program === undefined ? ["/bin/sh"] : [program, ...options];
}
