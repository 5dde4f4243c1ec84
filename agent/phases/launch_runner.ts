import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { attachDockerRunner } from "../docker/attach_docker_runner.ts";
import { ContainerEvents } from "../docker/container_events.ts";
import { type DockerPreparation, prepareDockerRunner } from "../docker/docker_runner.ts";
import { Descendants } from "../process/descendants.ts";
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

/** With what the machine is looked at, once for all runners of a build. */
export interface MachineLooks {
  readonly descendants: Descendants;
  readonly containers: ContainerEvents;
}

/** Looks at nothing yet. */
export function machineLooks(host: Host): MachineLooks {
  return { descendants: new Descendants(host), containers: new ContainerEvents(host) };
}

/** Takes up a runner that this or an earlier phase launched; it need not be running any more. */
export function attachRunner(
  host: Host,
  record: LaunchedRunner,
  { log, machine = machineLooks(host) }: { readonly log: Logger; readonly machine?: MachineLooks },
): RunnerControl {
  return record.type === "shell"
    ? attachShellRunner(host, record, machine.descendants)
    : attachDockerRunner(host, record, log, machine.containers);
}
