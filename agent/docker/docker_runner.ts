import { dirname } from "node:path";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/program/log.ts";
import { attachDockerRunner } from "./attach_docker_runner.ts";
import { docker, dockerError } from "./docker_command.ts";
import { DEFAULT_RUNNER_IMAGE, ensureImage } from "./docker_image.ts";
import { dockerRunArguments, runnerContainer } from "./docker_run_arguments.ts";
import { makeFolder } from "../runner/make_folder.ts";
import type { DockerRecord, RunnerControl, RunnerLaunch } from "../runner/runner.ts";

export interface DockerLaunch {
  readonly launch: RunnerLaunch;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Launches Atlassian's runner image as a container. Rejects with RunnerError when the image cannot be had or the container
 * not be started; nothing is left of it then.
 */
export async function launchDockerRunner(
  host: Host,
  { launch, log, signal }: DockerLaunch,
): Promise<{ record: DockerRecord; control: RunnerControl }> {
  const image = (host.env.RUNNER_IMAGE ?? "") === "" ? DEFAULT_RUNNER_IMAGE : host.env.RUNNER_IMAGE ?? "";
  const record = dockerRecord(launch);
  await ensureImage(host, image, { log, signal });
  await makeFolder(launch.workingDirectory);
  await startLog(launch.logFile);
  // The name is this build's alone: whatever has it is left from an attempt of the same phase.
  await docker(host, ["rm", "--force", "--volumes", record.container], { signal });
  const run = dockerRunArguments({ launch, image, env: host.env, dockerRoot: await dockerRoot(host) });
  const control = attachDockerRunner(host, record, log);
  // Without the signal: an abort between start and record would leave a container that nobody knows of.
  const result = await docker(host, run.args, { env: run.env });
  if (result.exitCode !== 0) {
    await control.cleanUp();
    throw dockerError(`start the runner's container from ${image}`, result);
  }
  await control.keepOutputFlowing();
  return { record, control };
}

/** What a launched Docker runner is known by; also for one whose launch was cut short. */
export function dockerRecord(
  launch: Pick<RunnerLaunch, "runnerName" | "runnerUuid" | "logFile">,
): DockerRecord {
  const { runnerName, runnerUuid, logFile } = launch;
  return { type: "docker", container: runnerContainer(runnerName), runnerUuid, logFile };
}

/** Docker's own folder, which holds the output of steps' containers. */
async function dockerRoot(host: Host): Promise<string> {
  const { stdout, exitCode } = await docker(host, ["info", "--format", "{{.DockerRootDir}}"]);
  return exitCode === 0 && stdout.startsWith("/") ? stdout : "/var/lib/docker";
}

/** The file has to hold the container's output and nothing else, see `OutputCarrier`. */
async function startLog(logFile: string): Promise<void> {
  await makeFolder(dirname(logFile));
  await Deno.writeTextFile(logFile, "", { mode: 0o600 });
}
