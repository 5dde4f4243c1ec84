import { RunnerError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import { type DockerdOptions, withContainerdStore, withoutOptions } from "./dockerd_options.ts";
import { runCommand } from "../process/process.ts";
import { runnerEnvironment } from "../runner/runner_environment.ts";

/** How a dockerd can be told to use containerd's image store. */
export interface ContainerdSupport {
  /** Whether it has the argument `--feature`; older ones read the setting from their configuration file alone. */
  readonly featureFlag: boolean;
}

/** The first version with the feature `containerd-snapshotter` (Docker Engine's release notes). */
const FIRST_VERSION = 24;
const HELP_TIMEOUT_MS = 15_000;

/**
 * Finds out, without touching a running daemon, how the containerd image store is switched on. Rejects with RunnerError
 * when this Docker has no such store. `version` is asked of the program when not known.
 */
export async function containerdSupport(
  host: Host,
  program: string,
  version?: string,
): Promise<ContainerdSupport> {
  const help = await output(host, program, "--help");
  const featureFlag = /--feature\b/.test(help);
  const found = version ?? versionIn(await output(host, program, "--version"));
  if (featureFlag || Number.parseInt(found) >= FIRST_VERSION) return { featureFlag };
  throw cannotSwitch(
    `this is Docker ${found}, which has none`,
    `Use a build image with Docker Engine ${FIRST_VERSION} or later, or leave DOCKER_CONTAINERD (--containerd) off`,
  );
}

/** The failure to use the store, why, and what mends it. */
export function cannotSwitch(why: string, hint: string): RunnerError {
  return new RunnerError(`Cannot switch Docker to the containerd image store: ${why}`, { hint });
}

/** The arguments that start dockerd with the containerd image store; writes the configuration file that may take. */
export async function containerdStart(
  options: DockerdOptions,
  support: ContainerdSupport,
): Promise<string[]> {
  const changed = withContainerdStore(options, support.featureFlag);
  if (!changed.configChanged) return [...changed.args];
  // The image's own file stays as it is.
  const file = await Deno.makeTempFile({ prefix: "dockerd-", suffix: ".json" });
  await Deno.writeTextFile(file, JSON.stringify(changed.config, null, 2));
  return [...withoutOptions(changed.args, ["--config-file"]), `--config-file=${file}`];
}

async function output(host: Host, program: string, option: string): Promise<string> {
  const options = { env: runnerEnvironment(host.env), timeoutMs: HELP_TIMEOUT_MS };
  const { stdout, stderr } = await runCommand(program, [option], options);
  return `${stdout}\n${stderr}`;
}

function versionIn(text: string): string {
  return /version (\d\S*?),?\s/.exec(text)?.[1] ?? "of an unknown version";
}
