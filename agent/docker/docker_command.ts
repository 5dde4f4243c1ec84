import { RunnerError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import { type CommandOptions, type CommandResult, runCommand } from "../process/process.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";

/** Long enough for a daemon that is busy with a large image, short enough to notice one that hangs. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** Runs the docker client in the build's environment, without anything of the agent's. */
export function docker(
  host: Pick<Host, "env">,
  args: readonly string[],
  options: Partial<Omit<CommandOptions, "env">> = {},
): Promise<CommandResult> {
  return runCommand("docker", args, {
    ...options,
    env: runnerEnvironment(host.env),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  });
}

/** The failure of a docker command in words: «Cannot pull image: docker: no such host». */
export function dockerError(action: string, result: CommandResult, hint?: string): RunnerError {
  return new RunnerError(`Cannot ${action}: ${dockerProblem(result)}`, { hint });
}

/** What went wrong with a docker command, in one line. */
export function dockerProblem(result: CommandResult): string {
  if (result.startFailure !== undefined) {
    return `the docker client cannot be started (${result.startFailure})`;
  }
  if (result.timedOut) return "docker gave no answer in time";
  const lines = result.stderr.split("\n").map((line) => line.trim());
  const line = lines.findLast((text) =>
    text !== "" && !text.startsWith("See 'docker") && !/--help'/.test(text)
  );
  return line ?? `docker ended with ${result.exitCode ?? "a signal"}`;
}
