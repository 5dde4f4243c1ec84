import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import type { Findings } from "../../../scripts/probe/judge/findings.ts";
import { type Profile, profileFrom } from "../../../scripts/probe/judge/profile.ts";
import { createProbe, type Probe } from "../../../scripts/probe/live/probe.ts";
import { type ProbeFlags, readProbeOptions } from "../../../scripts/probe/live/probe_options.ts";
import { runProbe } from "../../../scripts/probe/run_probe.ts";
import type { StepPace } from "../../../scripts/probe/step/step_pace.ts";
import type { Host } from "../../../shared/program/host.ts";
import { Logger } from "../../../shared/output/log.ts";
import { Redactor } from "../../../shared/output/redact.ts";
import { quickHost } from "../../fixtures/quick_host.ts";

export interface ProbeRun {
  readonly probe: Probe;
  readonly found: Promise<Partial<Findings>>;
}

/** Runs the probe on a local cloud, in this process and without its pauses. */
export function startProbe(
  cloud: LocalCloud,
  options: {
    readonly flags?: Partial<ProbeFlags>;
    readonly env?: Readonly<Record<string, string>>;
    readonly host?: Host;
    readonly signal?: AbortSignal;
    readonly timeoutMs?: number;
    readonly pace?: StepPace;
  } = {},
): ProbeRun {
  const flags = {
    workspace: "acme",
    repository: "demo",
    branch: "main",
    runner: "/runner",
    ...options.flags,
  };
  const host = options.host ?? quickHost();
  const read = readProbeOptions(flags, options.env ?? cloud.env);
  const given = { ...read, timeoutMs: options.timeoutMs ?? read.timeoutMs };
  const signal = options.signal ?? new AbortController().signal;
  const probe = createProbe(host, given, new Logger(host, "text", new Redactor()), signal);
  return { probe, found: runProbe(probe, options.pace) };
}

/** The profile that the probe writes of a local cloud. */
export async function profileOf(cloud: LocalCloud): Promise<Profile> {
  return profileFrom(await startProbe(cloud).found);
}

/** The names of the runners that are registered. */
export function runnersLeft(cloud: LocalCloud): string[] {
  return cloud.bitbucket.runners.all.map(({ name }) => name);
}
