import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/program/log.ts";
import { attachDockerRunner } from "../docker/attach_docker_runner.ts";
import { launchDockerRunner } from "../docker/docker_runner.ts";
import type { LaunchedRunner, RunnerControl, RunnerLaunch } from "../runner/runner.ts";
import { attachShellRunner, launchShellRunner } from "../shell/shell_runner.ts";

export interface LaunchOptions {
  readonly type: "shell" | "docker";
  /** Holds Atlassian's shell runner; not used for the docker type. */
  readonly runnerHome: string;
  /** Version of Atlassian's shell runner, as in «5.6.0»; decides which Java it needs. */
  readonly runnerVersion: string;
  readonly launch: RunnerLaunch;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Launches a registered runner so that it outlives the program. `record` is what `attachRunner()` needs in a later phase.
 * Rejects with RunnerError when it cannot be launched; nothing of it runs then.
 */
export function launchRunner(
  host: Host,
  options: LaunchOptions,
): Promise<{ record: LaunchedRunner; control: RunnerControl }> {
  options.log.redactor.add(options.launch.oauthClientSecret);
  return options.type === "shell" ? launchShellRunner(host, options) : launchDockerRunner(host, options);
}

/** Takes up a runner that this or an earlier phase launched; it need not be running any more. */
export function attachRunner(host: Host, record: LaunchedRunner, options: { log: Logger }): RunnerControl {
  return record.type === "shell"
    ? attachShellRunner(host, record)
    : attachDockerRunner(host, record, options.log);
}
