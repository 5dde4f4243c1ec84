import { type BitbucketUrls, bitbucketUrls } from "../../../shared/bitbucket/bitbucket_urls.ts";
import { ApiError } from "../../../shared/program/errors.ts";
import type { Host } from "../../../shared/program/host.ts";
import type { Logger } from "../../../shared/output/log.ts";
import { judgeCreation, type RunnerToCreate } from "../judge/creation_trials.ts";
import type { Trial } from "../judge/findings.ts";
import { bodyOf, remark, type SeenRunner } from "../judge/read_answer.ts";
import type { ProbeOptions } from "./probe_options.ts";
import { ProbeClient } from "./probe_client.ts";
import { ProbeRunners } from "./probe_runners.ts";

/** What every part of the probe works with. */
export interface Probe {
  readonly host: Host;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly options: ProbeOptions;
  readonly client: ProbeClient;
  readonly urls: BitbucketUrls;
  readonly runners: ProbeRunners;
  /** What the names of this run's runners begin with. */
  readonly prefix: string;
  /** A label that no step asks for. */
  readonly label: string;
  /** Processes of a runner that may be running, for whoever has to end at once. */
  readonly processes: Set<number>;
}

/** A run of the probe with names of its own; nothing is sent yet. */
export function createProbe(host: Host, options: ProbeOptions, log: Logger, signal: AbortSignal): Probe {
  const run = crypto.randomUUID().slice(0, 8);
  const client = new ProbeClient(host, { ...options, log });
  const urls = bitbucketUrls(options);
  const prefix = `probe-${run}-`;
  const runners = new ProbeRunners({ client, urls, host, prefix });
  return {
    host,
    log,
    signal,
    options,
    client,
    urls,
    runners,
    prefix,
    label: `probe${run}`,
    processes: new Set(),
  };
}

/** Registers a runner, says how that was taken, and removes it again. */
export async function tryRunner(probe: Probe, runner: RunnerToCreate): Promise<Trial> {
  const answer = await probe.runners.create(runner, probe.signal);
  const { uuid } = bodyOf<SeenRunner>(answer);
  if (uuid !== undefined) await probe.runners.remove(uuid, probe.signal);
  return judgeCreation(answer, runner);
}

/** The runner as Bitbucket shows it now; rejects with ApiError where it does not. */
export async function lookUp({ client, urls, signal }: Probe, uuid: string): Promise<SeenRunner> {
  const answer = await client.send({ name: "get runner", method: "GET", url: urls.runners(uuid) }, signal);
  const runner = bodyOf<SeenRunner>(answer);
  if (runner.state?.status !== undefined) return runner;
  const message = `Cannot get runner: Bitbucket answered ${remark(answer)} without its state`;
  throw new ApiError(message, { call: "get runner", status: answer.status });
}

/** SIGKILL to each of the processes; safe for those that are gone. */
export function killAll(processes: ReadonlySet<number>): void {
  for (const pid of processes) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
