import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { type StopOutcome, terminate } from "../process/terminate.ts";
import type { DockerRecord, RunnerControl } from "../runner/runner.ts";
import { ContainerEvents } from "./container_events.ts";
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

/** Takes up a Docker runner that this or an earlier phase launched; `events` may be shared with other runners. */
export function attachDockerRunner(
  host: Host,
  record: DockerRecord,
  log: Logger,
  events = new ContainerEvents(host),
): RunnerControl {
  const { container, runnerUuid, logFile } = record;
  const own = new ContainerPulse(host, container, events);
  const steps = new StepContainers(events, { container, runnerUuid });
  const output = new OutputCarrier(host, container, logFile, events);
  const endListening = events.listen((name) => {
    if (name === container) own.askAgain();
  });
  return {
    pulse: () => own.pulse(),
    work: () => Promise.resolve(steps.ids()),
    // Removing them is the runner's own business, as long as it runs.
    leftBehind: ({ stepUuid }) => Promise.resolve(steps.namesOf(stepUuid).map((name) => ({ name }))),
    async stop(graceMs) {
      const gone = await own.pulse() === "dead";
      const outcome = gone ? "was gone" : await stopContainer({ host, container, own, log }, graceMs);
      await output.keepUp(true);
      return outcome;
    },
    cleanUp: () => removeContainers(host, { container, runnerUuid }, log),
    keepOutputFlowing: async () => await output.keepUp(await own.pulse() === "dead"),
    close() {
      own.close();
      endListening();
    },
  };
}

async function stopContainer(
  { host, container, own, log }: { host: Host; container: string; own: ContainerPulse; log: Logger },
  graceMs: number,
): Promise<StopOutcome> {
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
