import { resolve } from "node:path";
import { RunnerError } from "../../shared/program/errors.ts";
import type { RunnerLaunch } from "../runner/runner.ts";

/** Marks our containers, so that leftovers on a machine that serves many builds can be recognised. */
const CONTAINER_LABEL = "aws-bitbucket-runner";

/**
 * Bytes that no output reaches, so that a daemon that rotates by default does not drop what is yet to be read: the driver
 * refuses its own default, -1, and 0 as «not positive» (moby 20.10, jsonfilelog).
 */
const UNLIMITED = "1000p";

/** Variables that Atlassian's runner knows and a build may want to set (its pages on proxies and on own images). */
const PASSED_ON = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "PAUSE_IMAGE",
  "AUTH_PROXY_IMAGE",
  "CLONE_IMAGE",
  "RUNNER_ENVIRONMENT",
  "LOGBACK_CONFIGURATION_FILE",
  "SCHEDULED_STATE_UPDATE_INITIAL_DELAY_SECONDS",
  "SCHEDULED_STATE_UPDATE_PERIOD_SECONDS",
];

export interface DockerRun {
  readonly launch: RunnerLaunch;
  readonly image: string;
  /** The build's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the daemon keeps its data, usually /var/lib/docker. */
  readonly dockerRoot: string;
}

/**
 * Arguments and input of the docker client that starts the runner's container, as Atlassian's page on Docker runners
 * lists them. The runner's own values, and with them its secret, are a file of variables on stdin: neither the client's
 * arguments nor its environment hold them. Throws `RunnerError` for a value that no such file can hold.
 */
export function dockerRunArguments(run: DockerRun): { args: string[]; input: string } {
  const { launch } = run;
  const own = {
    ACCOUNT_UUID: launch.workspaceUuid,
    REPOSITORY_UUID: launch.repositoryUuid,
    RUNNER_UUID: launch.runnerUuid,
    OAUTH_CLIENT_ID: launch.oauthClientId,
    OAUTH_CLIENT_SECRET: launch.oauthClientSecret,
    RUNTIME_PREREQUISITES_ENABLED: "true",
    WORKING_DIRECTORY: launch.workingDirectory,
  };
  const passedOn = PASSED_ON.filter((name) => (run.env[name] ?? "") !== "");
  const args = [
    ...["run", "--detach", "--name", runnerContainer(launch.runnerName)],
    ...["--label", `${CONTAINER_LABEL}=${launch.runnerUuid}`],
    // The output is read back with `docker logs`, which not every default driver of a daemon allows.
    ...["--log-driver", "json-file", "--log-opt", `max-size=${UNLIMITED}`],
    ...mounts(run).flatMap((mount) => ["--volume", mount]),
    ...["--env-file", "/dev/stdin"],
    ...passedOn.flatMap((name) => ["--env", name]),
    run.image,
  ];
  return { args, input: Object.entries(own).map(variableLine).join("") };
}

/** A line of the file, whose values are taken as they stand, to the line's end (docker's page on `run`, --env-file). */
function variableLine([name, value]: [string, string]): string {
  if (!/[\r\n]/.test(value)) return `${name}=${value}\n`;
  throw new RunnerError(`Cannot start the runner: its ${name} has more than one line`, {
    hint: "Bitbucket makes none of that kind: check BITBUCKET_API_URL",
  });
}

/** The name of a runner's container; Docker allows letters, digits, and «_.-». */
export function runnerContainer(runnerName: string): string {
  return runnerName.replace(/[^\w.-]/g, "-");
}

/** The working directory has one path on the host and in the container: steps' containers mount it from the host. */
function mounts({ launch, env, dockerRoot }: DockerRun): string[] {
  const work = resolve(launch.workingDirectory);
  const withinTmp = work === "/tmp" || work.startsWith("/tmp/");
  return [
    ...(withinTmp ? [] : [`${work}:${work}`]),
    "/tmp:/tmp",
    `${dockerSocket(env.DOCKER_HOST)}:/var/run/docker.sock`,
    `${dockerRoot}/containers:/var/lib/docker/containers:ro`,
  ];
}

function dockerSocket(dockerHost: string | undefined): string {
  return /^unix:\/\/(\/[^:]+)$/.exec(dockerHost ?? "")?.[1] ?? "/var/run/docker.sock";
}
