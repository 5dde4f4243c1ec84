import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { docker, dockerProblem } from "./docker_command.ts";

export interface RunnerContainers {
  readonly container: string;
  readonly runnerUuid: string;
}

/**
 * Removes a runner's container, the containers of its steps, and their volumes. What cannot be removed is a warning: the
 * machine ends with the build.
 */
export async function removeContainers(host: Host, runner: RunnerContainers, log: Logger): Promise<void> {
  const list = await docker(host, ["ps", "--all", "--format", "{{.Names}}"]);
  if (list.exitCode !== 0) {
    log.warning(`Cannot list the containers to remove: ${dockerProblem(list)}`);
    return;
  }
  // The runner first: it would start what it misses again.
  const names = namesOf(list.stdout, runner);
  if (names.length > 0) await attempt(host, ["rm", "--force", "--volumes", ...names], log);
  const volumes = await docker(host, ["volume", "ls", "--format", "{{.Name}}"]);
  const ours = namesOf(volumes.stdout, runner);
  if (ours.length > 0) await attempt(host, ["volume", "rm", "--force", ...ours], log);
}

/**
 * Those names out of a list that belong to a runner, its own container first. Atlassian's runner puts its UUID into
 * the names of what it starts, as in `{runnerUuid}_{stepUuid}_build`; with or without braces, depending on the kind of thing.
 */
export function namesOf(list: string, runner: RunnerContainers): string[] {
  const uuid = runner.runnerUuid.replace(/[{}]/g, "").toLowerCase();
  const names = list.split("\n").map((name) => name.trim()).filter((name) => name !== "");
  const own = names.filter((name) => name === runner.container);
  const steps = names.filter((name) =>
    !own.includes(name) && uuid !== "" && name.toLowerCase().includes(uuid)
  );
  return [...own, ...steps];
}

async function attempt(host: Host, args: string[], log: Logger): Promise<void> {
  const result = await docker(host, args);
  if (result.exitCode === 0 || /no such|already in progress/i.test(result.stderr)) return;
  log.warning(`Cannot remove what the runner left: ${dockerProblem(result)}`);
}
