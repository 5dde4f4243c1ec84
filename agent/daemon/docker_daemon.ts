import { RunnerError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { waitFor } from "../../shared/program/wait.ts";
import { cannotSwitch, containerdStart, containerdSupport } from "./containerd_store.ts";
import { type DockerInfo, dockerInfo } from "./docker_info.ts";
import { freshOptions } from "./dockerd_options.ts";
import { findDockerService } from "./docker_service.ts";
import { DEFAULT_CONFIG_FILE, findDockerd, readDockerdConfig, stopDockerd } from "./dockerd_process.ts";
import { findProgram } from "../process/find_program.ts";
import { buildPlace, remedyFor } from "../runner/build_machine.ts";
import { requirePrivileged } from "./privileged.ts";
import { DAEMON_START_MS, startDockerd } from "./start_dockerd.ts";

export interface DockerNeeds {
  /** Whether images are to be kept in containerd's image store; false leaves a daemon as it is. */
  readonly containerd: boolean;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
  /** Where the output of a dockerd that the agent starts goes; AWS's images write theirs to the same file. */
  readonly dockerdLog?: string;
  /** Where systemd is known by; for tests. */
  readonly systemdFolder?: string;
}

const DEFAULT_DOCKERD_LOG = "/var/log/docker.log";

/**
 * Makes Docker ready: uses the daemon that answers, else starts one, and switches it to the containerd image store if so
 * asked. Rejects with RunnerError, which names what the build lacks.
 */
export async function prepareDocker(host: Host, needs: DockerNeeds): Promise<void> {
  if (await findProgram("docker", host.env.PATH) === undefined) {
    throw new RunnerError("Cannot use Docker: there is no docker client on the PATH", {
      hint: remedyFor(host.env, {
        container: "Use a build image with Docker, such as aws/codebuild/standard:7.0",
        install: "Docker (package docker)",
      }),
    });
  }
  const running = await dockerInfo(host, needs.signal) ?? await comingUp(host, needs) ??
    await byService(host, needs);
  if (running === undefined) {
    await startOwn(host, needs);
  } else if (needs.containerd && !running.containerdStore) {
    await switchStore(host, running, needs);
  } else {
    needs.log.info(`Using Docker ${running.version}`);
  }
}

/** Where systemd runs, a machine's Docker is its service. Undefined: there is none, or it does not start. */
async function byService(host: Host, needs: DockerNeeds): Promise<DockerInfo | undefined> {
  const service = await findDockerService(host, needs);
  if (service === undefined) return undefined;
  needs.log.info("Starting Docker by systemd");
  const failure = await service.start();
  if (failure !== undefined) {
    needs.log.info(`Docker is no service that systemd can start: ${failure}`);
    return undefined;
  }
  const answer = await waitFor(host, () => dockerInfo(host, needs.signal), {
    timeoutMs: DAEMON_START_MS,
    intervalMs: () => 250,
    signal: needs.signal,
  });
  if (answer.kind === "done") return answer.value;
  throw new RunnerError(
    `Cannot use Docker: systemd has started it, and it gave no answer within ${DAEMON_START_MS / 1000} s`,
    {
      hint: "Look into journalctl --unit docker, and at DOCKER_HOST if that is set",
    },
  );
}

/** A daemon that the image has started a moment ago, and daemons elsewhere, may answer later. Undefined: there is none. */
async function comingUp(host: Host, { log, signal }: DockerNeeds): Promise<DockerInfo | undefined> {
  const address = host.env.DOCKER_HOST ?? "";
  const elsewhere = address !== "" && !address.startsWith("unix://");
  if (!elsewhere && await findDockerd(host) === undefined) return undefined;
  log.info("Waiting for Docker to answer");
  const look = () => dockerInfo(host, signal);
  const answer = await waitFor(host, look, { timeoutMs: DAEMON_START_MS, intervalMs: () => 500, signal });
  if (answer.kind === "done") return answer.value;
  if (!elsewhere && await findDockerd(host) === undefined) return undefined;
  throw new RunnerError(`Cannot use Docker: its daemon gave no answer within ${DAEMON_START_MS / 1000} s`, {
    hint: elsewhere
      ? `DOCKER_HOST names ${address}: check that the build reaches it`
      : `Look into ${DEFAULT_DOCKERD_LOG}, and check that privileged mode is on in the project's environment`,
  });
}

async function startOwn(host: Host, needs: DockerNeeds): Promise<void> {
  const program = await findProgram("dockerd", host.env.PATH);
  if (program === undefined) {
    throw new RunnerError("Cannot start Docker: no daemon answers, and there is no dockerd on the PATH", {
      hint: remedyFor(host.env, {
        container: "Use a build image with Docker's daemon, such as aws/codebuild/standard:7.0",
        install: "Docker's daemon (package docker)",
      }),
    });
  }
  await requirePrivileged(await buildPlace(host.env));
  const options = freshOptions(host.env.DOCKER_HOST, await readDockerdConfig(DEFAULT_CONFIG_FILE));
  needs.log.info("Starting Docker");
  const args = needs.containerd
    ? await containerdStart(options, await containerdSupport(host, program))
    : options.args;
  await start(host, needs, { program, args });
}

async function switchStore(host: Host, running: DockerInfo, needs: DockerNeeds): Promise<void> {
  const dockerd = await findDockerd(host);
  if (dockerd === undefined) {
    throw cannotSwitch(
      "its daemon does not run in this build",
      "Leave DOCKER_CONTAINERD (--containerd) off, or switch the store where the daemon runs",
    );
  }
  // All that can fail beforehand does so while the daemon still runs.
  const support = await containerdSupport(host, dockerd.program, running.version);
  await requirePrivileged(await buildPlace(host.env));
  const service = await findDockerService(host, needs);
  const managed = await service?.isActive() ? service : undefined;
  // A service gets its socket from systemd, which the daemon has to do without then.
  const options = managed === undefined ? dockerd : freshOptions(host.env.DOCKER_HOST, dockerd.config);
  const args = await containerdStart(options, support);
  needs.log.info("Restarting Docker with the containerd image store");
  const ended = managed === undefined ? stopDockerd(host, dockerd, needs.signal) : managed.stop();
  if (!await ended) {
    throw new RunnerError("Cannot restart Docker: its daemon does not end");
  }
  await start(host, needs, { program: dockerd.program, args });
}

async function start(
  host: Host,
  needs: DockerNeeds,
  { program, args }: { program: string; args: readonly string[] },
) {
  const outputFile = needs.dockerdLog ?? DEFAULT_DOCKERD_LOG;
  const ready = (info: DockerInfo) => info.containerdStore || !needs.containerd;
  const info = await startDockerd(host, { program, args, outputFile, ready, signal: needs.signal });
  if (!ready(info)) {
    throw cannotSwitch(
      `Docker ${info.version} runs, but does not report it`,
      `Look into ${outputFile}, and leave DOCKER_CONTAINERD (--containerd) off until it works`,
    );
  }
  const store = info.containerdStore ? " with the containerd image store" : "";
  needs.log.info(`Docker ${info.version} is ready${store}`);
}
