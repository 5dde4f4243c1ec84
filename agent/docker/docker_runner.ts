import { dirname } from "node:path";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { attachDockerRunner } from "./attach_docker_runner.ts";
import { docker, dockerError } from "./docker_command.ts";
import { ensureImage } from "./docker_image.ts";
import { dockerRunArguments, runnerContainer } from "./docker_run_arguments.ts";
import { makeFolder } from "../runner/make_folder.ts";
import type { DockerRecord, PreparedRunner, RunnerLaunch } from "../runner/runner.ts";

export interface DockerPreparation {
  readonly runnerImage: string;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes sure that Atlassian's runner image is there. Rejects with RunnerError when it cannot be had. Launched, it is a
 * container; of one that cannot be started nothing is left.
 */
export async function prepareDockerRunner(
  host: Host,
  { runnerImage: image, log, signal }: DockerPreparation,
): Promise<PreparedRunner> {
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
      const result = await docker(host, run.args, { input: run.input });
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
