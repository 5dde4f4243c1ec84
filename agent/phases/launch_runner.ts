import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/program/log.ts";
import { attachDockerRunner } from "../docker/attach_docker_runner.ts";
import { prepareDockerRunner } from "../docker/docker_runner.ts";
import type { PreparedRunner } from "../runner/prepared_runner.ts";
import type { LaunchedRunner, RunnerControl } from "../runner/runner.ts";
import { attachShellRunner, prepareShellRunner } from "../shell/shell_runner.ts";

export interface RunnerPreparation {
  readonly type: "shell" | "docker";
  /** Holds Atlassian's shell runner; not used for the docker type. */
  readonly runnerHome: string;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gets together all that a runner needs before it is registered, so that what fails here leaves no registration. Rejects
 * with RunnerError, which says what the build lacks.
 */
export function prepareRunner(host: Host, options: RunnerPreparation): Promise<PreparedRunner> {
  return options.type === "shell" ? prepareShellRunner(host, options) : prepareDockerRunner(host, options);
}

/** Takes up a runner that this or an earlier phase launched; it need not be running any more. */
export function attachRunner(host: Host, record: LaunchedRunner, options: { log: Logger }): RunnerControl {
  return record.type === "shell"
    ? attachShellRunner(host, record)
    : attachDockerRunner(host, record, options.log);
}
