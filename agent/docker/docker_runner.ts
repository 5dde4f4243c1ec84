import { dirname } from "node:path";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/program/log.ts";
import { waitFor } from "../../shared/program/wait.ts";
import { removeContainers } from "./docker_clean_up.ts";
import { docker, dockerError } from "./docker_command.ts";
import { DEFAULT_RUNNER_IMAGE, ensureImage } from "./docker_image.ts";
import { followOutput, isFollowed, outputArrived } from "./docker_output.ts";
import { dockerRunArguments, runnerContainer } from "./docker_run_arguments.ts";
import { makeFolder } from "../runner/make_folder.ts";
import type { PreparedRunner } from "../runner/prepared_runner.ts";
import type { LaunchedRunner, RunnerControl, RunnerLaunch, StopOutcome } from "../runner/runner.ts";

type DockerRecord = Extract<LaunchedRunner, { type: "docker" }>;

export interface DockerPreparation {
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

/** A daemon may be away for a moment; one that stays away this long has taken its containers along. */
const DAEMON_ANSWER_MS = 30_000;
const LOOK_TIMEOUT_MS = 10_000;
/** What the docker client may take on top of the grace it gives the container. */
const STOP_MARGIN_MS = 20_000;
/** Exit code of a process that SIGKILL ended. */
const KILLED = "137";

/**
 * Makes sure that Atlassian's runner image is there. Rejects with RunnerError when it cannot be had. Launched, it is a
 * container; of one that cannot be started nothing is left.
 */
export async function prepareDockerRunner(
  host: Host,
  { log, signal }: DockerPreparation,
): Promise<PreparedRunner> {
  const image = host.env.RUNNER_IMAGE || DEFAULT_RUNNER_IMAGE;
  await ensureImage(host, image, { log, signal });
  const root = await dockerRoot(host);
  return {
    async launch(launch) {
      const record = dockerRecord(launch);
      await startLog(launch.logFile);
      // The name is this build's alone: whatever has it is left from an attempt of the same phase.
      await docker(host, ["rm", "--force", "--volumes", record.container], { signal });
      const run = dockerRunArguments({ launch, image, env: host.env, dockerRoot: root });
      const control = attachDockerRunner(host, record, log);
      // Without the signal: an abort between start and record would leave a container that nobody knows of.
      const result = await docker(host, run.args, { env: run.env });
      if (result.exitCode !== 0) {
        await control.cleanUp();
        throw dockerError(`start the runner's container from ${image}`, result);
      }
      await control.keepOutputFlowing();
      return record;
    },
  };
}

/** What a launched Docker runner is known by; also for one whose launch was cut short. */
export function dockerRecord(
  launch: Pick<RunnerLaunch, "runnerName" | "runnerUuid" | "logFile">,
): DockerRecord {
  const { runnerName, runnerUuid, logFile } = launch;
  return { type: "docker", container: runnerContainer(runnerName), runnerUuid, logFile };
}

/** Takes up a Docker runner that this or an earlier phase launched. */
export function attachDockerRunner(host: Host, record: DockerRecord, log: Logger): RunnerControl {
  const { container, runnerUuid, logFile } = record;
  let seenDead = false;
  return {
    async alive() {
      const alive = await isRunning(host, container, log);
      seenDead = !alive;
      return alive;
    },
    stop: (graceMs) => stopContainer(host, container, graceMs),
    cleanUp: () => removeContainers(host, { container, runnerUuid }, log),
    async keepOutputFlowing() {
      // The usual case costs no question to Docker: what carries the output ends with the container.
      if (!seenDead && await isFollowed(container)) return;
      const running = await look(host, container);
      // Nothing can be read from Docker then, and its complaint would end up in the runner's log.
      if (running === undefined || running === "gone") return;
      await followOutput(host, container, logFile);
      if (running === "false") await outputArrived(host, container);
    },
  };
}

async function isRunning(host: Host, container: string, log: Logger): Promise<boolean> {
  const answer = await waitFor(host, () => look(host, container), {
    timeoutMs: DAEMON_ANSWER_MS,
    intervalMs: () => 1000,
  });
  if (answer.kind === "done") return answer.value === "true";
  log.warning(`Docker has not answered for ${DAEMON_ANSWER_MS / 1000} s: the runner counts as dead`);
  return false;
}

/** «true» or «false» as Docker says it, «gone» for a container that is no more, undefined when Docker does not answer. */
async function look(host: Host, container: string): Promise<string | undefined> {
  const args = ["container", "inspect", "--format", "{{.State.Running}}", container];
  const result = await docker(host, args, { timeoutMs: LOOK_TIMEOUT_MS });
  if (result.exitCode === 0) return result.stdout;
  return /no such (object|container)/i.test(result.stderr) ? "gone" : undefined;
}

async function stopContainer(host: Host, container: string, graceMs: number): Promise<StopOutcome> {
  if ((await look(host, container)) !== "true") {
    await outputArrived(host, container);
    return "was gone";
  }
  const seconds = Math.ceil(graceMs / 1000);
  const stopped = await docker(host, ["stop", "-t", `${seconds}`, container], {
    timeoutMs: graceMs + STOP_MARGIN_MS,
  });
  if (stopped.exitCode !== 0) await docker(host, ["kill", container]);
  await outputArrived(host, container);
  const exit = await docker(host, ["container", "inspect", "--format", "{{.State.ExitCode}}", container]);
  return exit.stdout === KILLED || stopped.exitCode !== 0 ? "killed" : "stopped";
}

/** Docker's own folder, which holds the output of steps' containers. */
async function dockerRoot(host: Host): Promise<string> {
  const { stdout, exitCode } = await docker(host, ["info", "--format", "{{.DockerRootDir}}"]);
  return exitCode === 0 && stdout.startsWith("/") ? stdout : "/var/lib/docker";
}

/** The file has to hold the container's output and nothing else, see `followOutput()`. */
async function startLog(logFile: string): Promise<void> {
  await makeFolder(dirname(logFile));
  await Deno.writeTextFile(logFile, "", { mode: 0o600 });
}
