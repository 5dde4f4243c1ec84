import { RunnerError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import { waitFor } from "../../shared/program/wait.ts";
import { type DockerInfo, dockerInfo } from "./docker_info.ts";
import { launchDetached } from "../process/launch_detached.ts";
import { pulseOf } from "../process/process_table.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";

export interface DockerdStart {
  readonly program: string;
  readonly args: readonly string[];
  /** Gets dockerd's output, appended. */
  readonly outputFile: string;
  readonly ready: (info: DockerInfo) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** AWS's images allow their dockerd the same. */
export const DAEMON_START_MS = 60_000;
const LINES_SHOWN = 5;

/**
 * Starts dockerd so that it outlives the program, and waits until it answers and is as `ready` wants it, or for a minute.
 * Resolves to its last answer; rejects with RunnerError and dockerd's last words when there was none.
 */
export async function startDockerd(host: Host, start: DockerdStart): Promise<DockerInfo> {
  const before = await readOutput(start.outputFile);
  const dockerd = await launchDetached(start.program, start.args, {
    env: runnerEnvironment(host.env),
    cwd: "/",
    outputFile: start.outputFile,
  });
  let info: DockerInfo | undefined;
  const wait = await waitFor(host, async () => {
    info = await dockerInfo(host, start.signal);
    const settled = info === undefined ? pulseOf(dockerd) === "dead" : start.ready(info);
    return settled || undefined;
  }, { timeoutMs: DAEMON_START_MS, intervalMs: () => 250, signal: start.signal });
  if (info !== undefined) return info;
  const what = wait.kind === "done" ? "dockerd ended" : `no answer within ${DAEMON_START_MS / 1000} s`;
  const said = (await readOutput(start.outputFile)).slice(before.length);
  throw new RunnerError(`Cannot start Docker: ${what}${lastLines(said)}`, {
    hint: `The whole output of dockerd is in ${start.outputFile}`,
  });
}

function lastLines(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "").slice(-LINES_SHOWN);
  return lines.length === 0 ? "" : `; its last lines: ${lines.join(" / ")}`;
}

async function readOutput(file: string): Promise<string> {
  return await Deno.readTextFile(file).catch(() => "");
}
