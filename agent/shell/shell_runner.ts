import { dirname, join } from "node:path";
import { RunnerError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/program/log.ts";
import { Descendants } from "../process/descendants.ts";
import { isExecutable } from "../process/find_program.ts";
import { findJava } from "./java.ts";
import { launchDetached } from "../process/launch_detached.ts";
import { type ProcessId, pulseOf } from "../process/process_table.ts";
import type { PreparedRunner } from "../runner/prepared_runner.ts";
import type { RunnerControl } from "../runner/runner.ts";
import { provideRetry } from "./retry_command.ts";
import { oldestJavaFor } from "./runner_jar.ts";
import { shellRunnerCommand, shellRunnerEnvironment, type StartScript } from "./shell_runner_command.ts";
import { stepLeftovers } from "./step_leftovers.ts";
import { checkStepTools } from "./step_tools.ts";
import { terminate } from "../process/terminate.ts";

export interface ShellPreparation {
  /** The folder that Atlassian's archive was unpacked to. */
  readonly runnerHome: string;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
  /** Where to look for installed JVMs, /usr/lib/jvm when absent. */
  readonly jvmFolder?: string | undefined;
}

/**
 * Finds what Atlassian's shell runner and its steps need. Rejects with RunnerError when there is no suitable Java, no start
 * script in `runnerHome`, or no Git, Bash or setsid. Launched, it has a session of its own.
 */
export async function prepareShellRunner(host: Host, options: ShellPreparation): Promise<PreparedRunner> {
  const { runnerHome, log, signal } = options;
  const script = await readScript(join(runnerHome, "bin", "start.sh"));
  await checkStepTools({ env: host.env, log, signal });
  const folder = dirname(script.path);
  const jar = join(folder, "runner.jar");
  const java = await findJava({
    env: host.env,
    oldestVersion: await oldestJavaFor(jar, log),
    neededBy: jar,
    jvmFolder: options.jvmFolder,
    signal,
  });
  log.info(`Using Java ${java.majorVersion} from ${java.foundBy}: ${java.file}`);
  const lastFolder = await provideRetry(runnerHome, host.env.PATH);
  const env = shellRunnerEnvironment(host.env, { java, lastFolder });
  return {
    async launch(launch) {
      const [command, ...args] = shellRunnerCommand(script, launch);
      // The script names runner.jar relative to its own folder.
      const process = await launchDetached(command, args, { env, cwd: folder, outputFile: launch.logFile });
      return { type: "shell", ...process };
    },
  };
}

/** Takes up a shell runner that this or an earlier phase launched. */
export function attachShellRunner(host: Host, process: ProcessId): RunnerControl {
  const descendants = new Descendants(process);
  return {
    pulse: () => Promise.resolve(pulseOf(process)),
    work: () => Promise.resolve(descendants.look()?.map(({ pid, startTime }) => `${pid}:${startTime}`)),
    leftBehind: (step) => Promise.resolve(stepLeftovers(process, step)),
    stop: (graceMs) => terminate(host, process, graceMs),
    // It starts no containers, and writes its output itself.
    cleanUp: () => Promise.resolve(),
    keepOutputFlowing: () => Promise.resolve(),
    close: () => {},
  };
}

async function readScript(path: string): Promise<StartScript> {
  try {
    return { path, text: await Deno.readTextFile(path), executable: await isExecutable(path) };
  } catch (cause) {
    throw new RunnerError(`Cannot prepare the runner: ${path} cannot be read`, {
      hint: "Install the bundle for the shell runner with install-shell.sh, or set RUNNER_TYPE to docker",
      cause,
    });
  }
}
