import type { Host } from "../../shared/program/host.ts";
import { findProgram } from "../process/find_program.ts";
import { type CommandResult, runCommand } from "../process/process.ts";
import { isThere, SYSTEMD_FOLDER } from "../runner/build_machine.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";

/** Docker as a service of systemd, as distributions install it. */
export interface DockerService {
  isActive(): Promise<boolean>;
  /** Undefined where it has started, else what systemd says. */
  start(): Promise<string | undefined>;
  /** Ends the daemon for good: systemd would start one anew that is only killed. False where it goes on. */
  stop(): Promise<boolean>;
}

export interface ServiceSearch {
  /** Where systemd is known by; for tests. */
  readonly systemdFolder?: string;
  readonly signal?: AbortSignal | undefined;
}

const UNIT = "docker.service";
/** Its socket starts it again. */
const SOCKET = "docker.socket";
const QUESTION_MS = 15_000;
/** As long as systemd itself waits for a service to start or to end, and a moment more. */
const CHANGE_MS = 100_000;

/** Docker's service, undefined where systemd does not run, as in AWS's containers. */
export async function findDockerService(
  host: Host,
  { systemdFolder = SYSTEMD_FOLDER, signal }: ServiceSearch,
): Promise<DockerService | undefined> {
  if (!await isThere(systemdFolder)) return undefined;
  const program = await findProgram("systemctl", host.env.PATH);
  if (program === undefined) return undefined;
  const systemctl = (timeoutMs: number, ...args: string[]): Promise<CommandResult> =>
    runCommand(program, args, { env: runnerEnvironment(host.env), timeoutMs, signal });
  return {
    isActive: async () => (await systemctl(QUESTION_MS, "is-active", "--quiet", UNIT)).exitCode === 0,
    start: async () => {
      const { exitCode, stderr, timedOut } = await systemctl(CHANGE_MS, "start", UNIT);
      if (exitCode === 0) return undefined;
      return timedOut ? "no answer in time" : stderr.split("\n", 1)[0] || `exit code ${exitCode}`;
    },
    stop: async () => {
      // Where there is no such socket, systemctl stops the other all the same.
      await systemctl(CHANGE_MS, "stop", SOCKET, UNIT);
      return (await systemctl(QUESTION_MS, "is-active", "--quiet", UNIT)).exitCode !== 0;
    },
  };
}
