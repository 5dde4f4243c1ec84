import { dirname, join } from "node:path";
import { RunnerError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/program/log.ts";
import { Descendants } from "../process/descendants.ts";
import { isExecutable } from "../process/find_program.ts";
import { findJava } from "./java.ts";
import { oldestJavaFor } from "./java_version.ts";
import { launchDetached } from "../process/launch_detached.ts";
import { makeFolder } from "../runner/make_folder.ts";
import { type ProcessId, pulseOf } from "../process/process_table.ts";
import type { RunnerControl, RunnerLaunch } from "../runner/runner.ts";
import {
  shellRunnerCommand,
  shellRunnerEnvironment,
  takesSecretsFromEnvironment,
} from "./shell_runner_command.ts";
import { terminate } from "../process/terminate.ts";

export interface ShellLaunch {
  /** The folder that Atlassian's archive was unpacked to. */
  readonly runnerHome: string;
  readonly launch: RunnerLaunch;
  readonly runnerVersion: string;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
  /** Where to look for installed JVMs, /usr/lib/jvm when absent. */
  readonly jvmFolder?: string | undefined;
}

/**
 * Launches Atlassian's shell runner in a session of its own. Rejects with RunnerError when there is no suitable Java,
 * or no start script in `runnerHome`.
 */
export async function launchShellRunner(
  host: Host,
  options: ShellLaunch,
): Promise<{ record: { type: "shell" } & ProcessId; control: RunnerControl }> {
  const { launch, log } = options;
  const script = join(options.runnerHome, "bin", "start.sh");
  const scriptText = await readScript(script);
  const java = await findJava({
    env: host.env,
    oldestVersion: oldestJavaFor(options.runnerVersion),
    signal: options.signal,
    ...(options.jvmFolder === undefined ? {} : { jvmFolder: options.jvmFolder }),
  });
  log.info(`Using Java ${java.majorVersion} from ${java.foundBy}: ${java.file}`);

  const secretsByEnvironment = takesSecretsFromEnvironment(scriptText);
  log.info(`Passing the runner's credentials by ${secretsByEnvironment ? "environment" : "flags"}`);
  const executable = await isExecutable(script);
  const [command, ...args] = shellRunnerCommand(scriptText, {
    script,
    executable,
    launch,
    secretsByEnvironment,
  });
  await makeFolder(launch.workingDirectory);
  await makeFolder(dirname(launch.logFile));
  const process = await launchDetached(command, args, {
    env: shellRunnerEnvironment(host.env, { launch, java, secretsByEnvironment }),
    // The script names runner.jar relative to its own folder.
    cwd: dirname(script),
    outputFile: launch.logFile,
  });
  return { record: { type: "shell", ...process }, control: attachShellRunner(host, process) };
}

/** Takes up a shell runner that this or an earlier phase launched. */
export function attachShellRunner(host: Host, process: ProcessId): RunnerControl {
  const descendants = new Descendants(process);
  return {
    pulse: () => Promise.resolve(pulseOf(process)),
    work: () => Promise.resolve(descendants.look()?.map(({ pid, startTime }) => `${pid}:${startTime}`)),
    stop: (graceMs) => terminate(host, process, graceMs),
    // It starts no containers, and writes its output itself.
    cleanUp: () => Promise.resolve(),
    keepOutputFlowing: () => Promise.resolve(),
    close: () => {},
  };
}

async function readScript(script: string): Promise<string> {
  try {
    return await Deno.readTextFile(script);
  } catch (cause) {
    throw new RunnerError(`Cannot launch the runner: ${script} cannot be read`, {
      hint: "Install the bundle for the shell runner with install-shell.sh, or set RUNNER_TYPE to docker",
      cause,
    });
  }
}
