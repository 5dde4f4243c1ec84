import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { terminate } from "../process/terminate.ts";
import type { StopOutcome } from "../process/terminate.ts";
import type { DockerRecord, RunnerControl } from "../runner/runner.ts";
import { ContainerPulse } from "./container_pulse.ts";
import { removeContainers } from "./docker_clean_up.ts";
import { docker, dockerProblem } from "./docker_command.ts";
import { OutputCarrier } from "./docker_output.ts";
import { StepContainers } from "./step_containers.ts";

/** Milliseconds for what Docker is to do at once. */
const QUICK_MS = 2000;
/** What the docker client may take on top of the grace it gives the container. */
const STOP_MARGIN_MS = 5000;
/** Exit code of a process that SIGKILL ended. */
const KILLED = "137";

/** Takes up a Docker runner that this or an earlier phase launched. */
export function attachDockerRunner(host: Host, record: DockerRecord, log: Logger): RunnerControl {
  const { container, runnerUuid, logFile } = record;
  const own = new ContainerPulse(host, container);
  const steps = new StepContainers(host, { container, runnerUuid }, () => own.askAgain());
  const output = new OutputCarrier(host, container, logFile);
  return {
    pulse: () => own.pulse(),
    work: () => Promise.resolve(steps.ids()),
    // Removing them is the runner's own business, as long as it runs.
    leftBehind: ({ stepUuid }) => Promise.resolve(steps.namesOf(stepUuid).map((name) => ({ name }))),
    stop: (graceMs) => stopContainer({ host, container, own, output, log }, graceMs),
    cleanUp: () => removeContainers(host, { container, runnerUuid }, log),
    keepOutputFlowing: async () => await output.keepUp(await own.pulse() === "dead"),
    close() {
      own.close();
      steps.close();
    },
  };
}

interface Stopping {
  readonly host: Host;
  readonly container: string;
  readonly own: ContainerPulse;
  readonly output: OutputCarrier;
  readonly log: Logger;
}

async function stopContainer(stopping: Stopping, graceMs: number): Promise<StopOutcome> {
  const { own, output } = stopping;
  const outcome = await own.pulse() === "dead" ? "was gone" : await end(stopping, graceMs);
  await output.keepUp(true);
  return outcome;
}

async function end({ host, container, own, log }: Stopping, graceMs: number): Promise<StopOutcome> {
  const args = ["stop", "-t", `${Math.ceil(graceMs / 1000)}`, container];
  const stopped = await docker(host, args, { timeoutMs: graceMs + STOP_MARGIN_MS });
  own.askAgain();
  if (stopped.exitCode === 0) return await endedBySignal(host, container) ? "killed" : "stopped";
  if (/no such container/i.test(stopped.stderr)) return "was gone";
  log.warning(`Docker does not stop the runner's container, so it is killed: ${dockerProblem(stopped)}`);
  if (own.process === undefined) await docker(host, ["kill", container], { timeoutMs: QUICK_MS });
  else await terminate(host, own.process, QUICK_MS);
  return "killed";
}

async function endedBySignal(host: Host, container: string): Promise<boolean> {
  const args = ["container", "inspect", "--format", "{{.State.ExitCode}}", container];
  return (await docker(host, args, { timeoutMs: QUICK_MS })).stdout === KILLED;
}
