import { dirname, join } from "node:path";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { Descendants } from "../process/descendants.ts";
import { findJava, type Java } from "../java/java.ts";
import { launchDetached } from "../process/launch_detached.ts";
import { type ProcessId, pulseOf } from "../process/process_table.ts";
import type { PreparedRunner, RunnerControl } from "../runner/runner.ts";
import { provideRetry } from "./retry_command.ts";
import { oldestJavaFor } from "../java/runner_jar.ts";
import { libraryPath } from "../java/library_path.ts";
import { secretByStdin } from "./secret_by_stdin.ts";
import { shellRunnerCommand, shellRunnerEnvironment } from "./shell_runner_command.ts";
import { readStartScript, runsJava, type StartScript } from "./start_script.ts";
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
 * script in `runnerHome`, or no Git, Bash or setsid. Launched, it has a session of its own; a warning says beforehand when
 * its secret will be seen among its arguments.
 */
export async function prepareShellRunner(host: Host, options: ShellPreparation): Promise<PreparedRunner> {
  const { runnerHome, log, signal } = options;
  const script = await readStartScript(join(runnerHome, "bin", "start.sh"));
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
  const env = shellRunnerEnvironment(host.env, {
    java,
    lastFolder,
    libraryPath: await libraryPath(host.env, java),
  });
  const reason = whySecretIsSeen(script, java);
  if (reason !== undefined) {
    log.warning(`The runner's OAuth secret will stand among its arguments: ${reason}`);
  }
  return {
    async launch(launch) {
      const start = reason === undefined
        ? await secretByStdin({ folder: dirname(launch.logFile), java: java.file, env }, launch)
        : { launch, env };
      const [command, ...args] = shellRunnerCommand(script, start.launch);
      // The script names runner.jar relative to its own folder.
      const process = await launchDetached(command, args, {
        ...start,
        cwd: folder,
        outputFile: launch.logFile,
      });
      return { type: "shell", ...process };
    },
  };
}

/** Why the secret has to go by start.sh's flag, and so onto Java's command line; undefined where it need not. */
function whySecretIsSeen(script: StartScript, java: Java): string | undefined {
  if (!runsJava(script.text)) return `${script.path} does not run Java as Atlassian's script does`;
  if (!java.takesArgumentFile) return `${java.file} takes no argument file, as Java 9 and later do`;
  return undefined;
}

/** Takes up a shell runner that this or an earlier phase launched; `descendants` may be shared with other runners. */
export function attachShellRunner(
  host: Host,
  process: ProcessId,
  descendants = new Descendants(host),
): RunnerControl {
  return {
    pulse: () => Promise.resolve(pulseOf(process)),
    work: () => Promise.resolve(descendants.of(process)?.map(({ pid, startTime }) => `${pid}:${startTime}`)),
    leftBehind: (step) => Promise.resolve(stepLeftovers(process, step)),
    stop: (graceMs) => terminate(host, process, graceMs),
    // It starts no containers, and writes its output itself.
    cleanUp: () => Promise.resolve(),
    keepOutputFlowing: () => Promise.resolve(),
    close: () => descendants.forget(process),
  };
}
