import type { Host } from "../../shared/program/host.ts";
import { docker } from "../docker/docker_command.ts";

/** What matters of a Docker daemon that answers. */
export interface DockerInfo {
  readonly version: string;
  /** Whether images are kept in containerd's image store. */
  readonly containerdStore: boolean;
}

/** A daemon that hangs must not take the whole wait for one look. */
const INFO_TIMEOUT_MS = 10_000;
/** The driver type that `docker info` shows with the containerd image store (Docker's page on that store). */
const CONTAINERD_DRIVER = "io.containerd.snapshotter.v1";

/** The daemon's answer, or undefined when none answers. */
export async function dockerInfo(host: Host, signal?: AbortSignal): Promise<DockerInfo | undefined> {
  const args = ["info", "--format", "{{json .}}"];
  const result = await docker(host, args, { timeoutMs: INFO_TIMEOUT_MS, signal });
  return result.exitCode === 0 ? parseDockerInfo(result.stdout) : undefined;
}

/** Reads the JSON of `docker info`; undefined where it comes from the client alone, without a daemon. */
export function parseDockerInfo(text: string): DockerInfo | undefined {
  try {
    const info: { ServerVersion?: unknown; DriverStatus?: unknown } = JSON.parse(text);
    if (typeof info.ServerVersion !== "string" || info.ServerVersion === "") return undefined;
    const containerdStore = JSON.stringify(info.DriverStatus ?? "").includes(CONTAINERD_DRIVER);
    return { version: info.ServerVersion, containerdStore };
  } catch {
    return undefined;
  }
}
