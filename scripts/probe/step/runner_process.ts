import { attachRunner, prepareRunner } from "../../../agent/phases/launch_runner.ts";
import { RunnerError } from "../../../shared/program/errors.ts";
import { waitFor } from "../../../shared/program/wait.ts";
import { bodyOf, remark, type SeenRunner } from "../judge/read_answer.ts";
import { killAll, lookUp, type Probe } from "../live/probe.ts";
import type { OwnRunner } from "../live/probe_runners.ts";
import type { StepPace } from "./step_pace.ts";

/** A runner of the probe's that is online, with its process on this machine. */
export interface RunnerProcess extends OwnRunner {
  /** SIGKILL to the runner alone, at once; safe when it is gone. */
  kill(): void;
  /** Ends it with everything that belongs to it. */
  stop(): Promise<unknown>;
}

export interface RunnerToRun {
  readonly name: string;
  readonly labels: readonly string[];
  readonly runnerHome: string;
  readonly pace: StepPace;
}

/** How long the runner gets to end by itself, in milliseconds. */
const GRACE_MS = 2000;

/** Registers a runner, launches it as the agent does and waits until it is online; it ends with `body`. */
export async function withRunner<T>(
  probe: Probe,
  wanted: RunnerToRun,
  body: (runner: RunnerProcess) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "probe-runner-" });
  await Deno.mkdir(`${folder}/work`);
  try {
    const runner = await launch(probe, wanted, folder);
    try {
      await untilOnline(probe, runner, wanted.pace);
      return await body(runner);
    } finally {
      await runner.stop();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function launch(probe: Probe, wanted: RunnerToRun, folder: string): Promise<RunnerProcess> {
  const { host, log, options, runners, signal } = probe;
  const { labels, runnerHome } = wanted;
  const name = `${probe.prefix}${wanted.name}`;
  const prepared = await prepareRunner(host, { type: "shell", runnerHome, log, signal });
  const answer = await runners.create({ name, labels }, signal);
  const { uuid, oauth_client: { id, secret } = {} } = bodyOf<SeenRunner>(answer);
  if (uuid === undefined || id === undefined || secret === undefined) {
    throw new RunnerError(
      `Cannot launch the runner: Bitbucket answered ${remark(answer)} without its credentials`,
    );
  }
  log.redactor.add(secret);
  const record = await prepared.launch({
    runnerName: name,
    runnerUuid: uuid,
    workspaceUuid: options.workspace,
    repositoryUuid: options.repository,
    oauthClientId: id,
    oauthClientSecret: secret,
    workingDirectory: `${folder}/work`,
    logFile: `${folder}/runner.log`,
  });
  const control = attachRunner(host, record, { log });
  const { processes } = probe;
  if (record.type === "shell") processes.add(record.pid);
  return {
    ...{ uuid, name, labels },
    kill: () => killAll(processes),
    stop: async () => {
      await control.stop(GRACE_MS);
      control.close();
      processes.clear();
    },
  };
}

async function untilOnline(probe: Probe, { uuid }: OwnRunner, pace: StepPace): Promise<void> {
  const online = async () => (await lookUp(probe, uuid)).state?.status === "ONLINE" || undefined;
  const { kind } = await waitFor(probe.host, online, {
    timeoutMs: pace.onlineWithinMs,
    intervalMs: () => pace.lookMs,
    signal: probe.signal,
  });
  if (kind === "timed out") {
    throw new RunnerError(`Cannot use the runner: it was not online within ${pace.onlineWithinMs / 1000} s`);
  }
}
