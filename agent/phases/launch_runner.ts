import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { attachDockerRunner } from "../docker/attach_docker_runner.ts";
import { type DockerPreparation, prepareDockerRunner } from "../docker/docker_runner.ts";
import type { PreparedRunner, RunnerControl } from "../runner/runner.ts";
import type { LaunchedRunner } from "../settings/agent_schema.ts";
import { attachShellRunner, prepareShellRunner, type ShellPreparation } from "../shell/shell_runner.ts";

/** What getting a runner ready takes, for either type. */
export type RunnerPreparation =
  | { readonly type: "shell" } & ShellPreparation
  | { readonly type: "docker" } & DockerPreparation;

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
