import { readlinkSync } from "node:fs";
import { basename, isAbsolute } from "node:path";
import type { Host } from "../../shared/program/host.ts";
import { valueOr } from "../../shared/program/value_or.ts";
import { waitFor } from "../../shared/program/wait.ts";
import { type DockerdConfig, type DockerdOptions, optionValues, servesAddress } from "./dockerd_options.ts";
import { findProgram } from "../process/find_program.ts";
import { listProcesses, type ProcessId, pulseOf, readArguments } from "../process/process_table.ts";
import { sendSignal } from "../process/terminate.ts";

/** A running dockerd, and how it was started. */
export interface Dockerd extends ProcessId, DockerdOptions {
  readonly program: string;
}

/** Where dockerd looks for its configuration when no argument names a file. */
export const DEFAULT_CONFIG_FILE = "/etc/docker/daemon.json";
/** dockerd gives its containers 15 seconds before it ends. */
const STOP_GRACE_MS = 60_000;
const KILL_WAIT_MS = 10_000;

/** The dockerd behind the address that the docker client uses, or undefined when none runs here. */
export async function findDockerd(host: Host): Promise<Dockerd | undefined> {
  const named = listProcesses()?.filter(({ name, pid }) => name === "dockerd" && inOwnNamespace(pid)) ?? [];
  for (const { pid, startTime } of named) {
    const words = readArguments(pid);
    // A script's arguments begin with its interpreter.
    const at = words.findIndex((word) => basename(word) === "dockerd");
    const word = words[at] ?? "dockerd";
    const program = isAbsolute(word) ? word : await findProgram("dockerd", host.env.PATH) ?? word;
    const args = words.slice(at + 1);
    const file = optionValues(args, ["--config-file"]).at(-1) ?? DEFAULT_CONFIG_FILE;
    const dockerd = { pid, startTime, program, args, config: await readDockerdConfig(file) };
    if (servesAddress(dockerd, host.env.DOCKER_HOST)) return dockerd;
  }
  return undefined;
}

/** Ends a dockerd and waits until it is gone: two of them would fight over the same data. False when it cannot be ended. */
export async function stopDockerd(host: Host, dockerd: Dockerd, signal?: AbortSignal): Promise<boolean> {
  for (const [by, timeoutMs] of [["SIGTERM", STOP_GRACE_MS], ["SIGKILL", KILL_WAIT_MS]] as const) {
    sendSignal(dockerd, by);
    const look = () => pulseOf(dockerd) === "dead" || undefined;
    const ended = await waitFor(host, look, { timeoutMs, intervalMs: () => 100, signal });
    if (ended.kind === "done") return true;
  }
  return false;
}

/** The configuration in a file, undefined where there is none or it cannot be read as such. */
export async function readDockerdConfig(file: string): Promise<DockerdConfig | undefined> {
  const config: unknown = await Deno.readTextFile(file).then(JSON.parse).catch(() => undefined);
  return typeof config === "object" && config !== null ? config as DockerdConfig : undefined;
}

/** A dockerd inside a container is in the process table too, but it is not the host's. */
function inOwnNamespace(pid: number): boolean {
  return valueOr(false, () => readlinkSync(`/proc/${pid}/ns/pid`) === readlinkSync("/proc/self/ns/pid"));
}
