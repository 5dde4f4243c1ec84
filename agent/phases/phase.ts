import { messageOf } from "../../shared/program/errors.ts";
import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/output/log.ts";
import { dockerRecord } from "../docker/docker_runner.ts";
import { advance } from "../life/lifecycle.ts";
import type { Lifecycle, LifecycleSettings } from "../life/lifecycle_state.ts";
import type { RunnerControl } from "../runner/runner.ts";
import type { AgentState } from "../settings/agent_schema.ts";
import type { AgentConfig } from "../settings/agent_settings.ts";
import type { StateFile } from "../settings/state_file.ts";
import type { RunnerEar } from "../watch/runner_ear.ts";
import { RunnerOutput } from "../watch/runner_output.ts";
import type { WatchedRunner } from "../watch/watched_runner.ts";
import { attachRunner, type MachineLooks } from "./launch_runner.ts";

/** What every phase of the agent works with. */
export interface PhaseDeps {
  readonly host: Host;
  readonly config: AgentConfig;
  readonly log: Logger;
  readonly bitbucket: Bitbucket;
  /** That of the first runner. */
  readonly stateFile: StateFile;
  /** The runners' own OAuth secrets by their numbers, where the phase before has left them; the log keeps them back. */
  readonly runnerSecrets?: ReadonlyMap<number, string> | undefined;
  /** What start-runner has sealed, once it is opened. */
  readonly opened?: Readonly<Record<string, string>> | undefined;
  readonly machine: MachineLooks;
  readonly signal: AbortSignal;
}

/** The same for one of the build's runners, by its number from 1. */
export interface RunnerDeps extends PhaseDeps {
  readonly number: number;
}

const MINUTE_MS = 60_000;

/** The configuration in the lifecycle's terms; `handsOver`: whether a later phase finishes what this one leaves. */
export function lifecycleSettings(
  config: AgentConfig,
  { handsOver }: { readonly handsOver: boolean },
): LifecycleSettings {
  return {
    handsOver,
    bitbucket: config.identity === undefined ? "asked" : "never",
    ownPipelineOnly: config.ownPipelineOnly,
    lingerMs: config.lingerMin * MINUTE_MS,
    mode: config.multiStep ? "multi-step" : "single-step",
    pipelineUuid: config.pipelineUuid,
    shortestLookMs: config.pollIntervalS * 1000,
    idleTimeoutMs: config.idleTimeoutMin === 0 ? Infinity : config.idleTimeoutMin * MINUTE_MS,
  };
}

/** The runner an earlier phase left, ready to be watched; `uuid` is its registration. */
export function watchedRunner(deps: PhaseDeps, state: AgentState, uuid: string): WatchedRunner & Disposable {
  const control = controlOf(deps, state, uuid);
  const { workingDirectory, logFile: stdout, reading } = state;
  const own = workingDirectory === undefined ? undefined : { workingDirectory, runnerUuid: uuid };
  const sources = { stdout, own, places: reading?.places, runners: deps.config.runnerCount };
  const output = new RunnerOutput(sources, deps.host);
  return {
    uuid,
    name: state.name,
    labels: state.labels,
    version: state.version ?? "of an unknown version",
    bitbucket: deps.bitbucket,
    control,
    output,
    baseline: state.baseline,
    heard: reading?.heard,
    launcherStep: deps.config.launcherStep,
    [Symbol.dispose]() {
      output.close();
      control.close();
    },
  };
}

/** What the runner's output says already when a phase begins: a step may have come before the agent was watching. */
export function hearsay(ear: RunnerEar, life: Lifecycle, deps: Pick<PhaseDeps, "host">): Lifecycle {
  const now = deps.host.monotonicMs();
  let heard = life;
  // One after another, since a log that somebody floods may hold a great many.
  for (const event of ear.catchUp()) heard = advance(heard, event, now);
  return heard;
}

/** Notes in the state file how a life ended; the first runner's holds the account of requests. */
export async function recordEnd(
  deps: RunnerDeps,
  state: AgentState,
  life: Lifecycle,
  { baseline, reading }: Pick<RunnerEar, "baseline" | "reading">,
): Promise<void> {
  const removed = wasRemoved(life);
  const requests = deps.number === 1 ? state.requests + deps.bitbucket.requests : 0;
  try {
    // The next phase asks for a token of its own, but it cannot ask what it has to keep out of the log.
    const secrets = removed ? undefined : { runner: deps.runnerSecrets?.get(deps.number) };
    await deps.stateFile.write({ ...state, removed, requests, baseline: [...baseline], reading }, secrets);
  } catch (error) {
    // A full disk must not turn a good build into a failed one; the next phase finds out that there is nothing to do.
    deps.log.warning(messageOf(error));
  }
}

/** How many requests the build has taken, by the first runner's account and what has come since. */
export function tellRequests({ bitbucket, log }: Pick<PhaseDeps, "bitbucket" | "log">, earlier = 0): void {
  const requests = earlier + bitbucket.requests;
  log.detail(`Bitbucket requests: ${requests}`, { requests });
}

/** Whether a life ended with nothing left to do: unregistered, or gone where nothing here may unregister it. */
export function wasRemoved(life: Lifecycle): boolean {
  if (life.stage !== "done") return false;
  return life.unregistered || (life.gone && life.settings.bitbucket === "never");
}

/** A container is known by its name even where the phase was killed before it could note that it had launched one. */
function controlOf(deps: PhaseDeps, state: AgentState, runnerUuid: string): RunnerControl {
  const { name: runnerName, logFile, type } = state;
  const record = state.launched ??
    (type === "docker" ? dockerRecord({ runnerName, runnerUuid, logFile }) : undefined);
  if (record !== undefined) return attachRunner(deps.host, record, deps);
  // Where Bitbucket cannot be asked either, nothing would ever tell that it may go.
  return state.lost && deps.config.identity === undefined ? outOfSight : neverLaunched;
}

/** The control of a runner whose process was never started. */
const neverLaunched: RunnerControl = {
  pulse: () => Promise.resolve("dead"),
  work: () => Promise.resolve([]),
  leftBehind: () => Promise.resolve([]),
  stop: () => Promise.resolve("was gone"),
  cleanUp: () => Promise.resolve(),
  keepOutputFlowing: () => Promise.resolve(),
  close: () => {},
};

/** The control of a runner of which it is not known what was started: nothing here says whether it runs, or stops it. */
const outOfSight: RunnerControl = {
  ...neverLaunched,
  pulse: () => Promise.resolve("unknown"),
  work: () => Promise.resolve(undefined),
};
