import type { BitbucketSettings } from "./bitbucket_settings.ts";
import type { Step, StepResult } from "./pipeline.ts";
import type { RunnerRecord, RunnerRegistry } from "./runner_registry.ts";
import { scriptWithFiles, stepScript } from "./step_script.ts";

interface OpenStep {
  readonly step: Step;
  readonly env: Readonly<Record<string, string>>;
  readonly finish: (result: StepResult) => void;
}

/** What the dispatcher tells the scheduler. */
export interface DispatchNews {
  queued(step: Step): void;
  begun(step: Step): void;
  printed(step: Step, line: string): void;
}

/**
 * Gives self-hosted steps to runners: one step at a time per runner, only to a runner that has all labels, is ONLINE
 * and not closed. Source: «Configure your runner in bitbucket-pipelines.yml» of Atlassian's documentation.
 */
export class StepDispatcher {
  /** Steps that were cut off because their runner vanished or was removed. */
  readonly cancelled: Step[] = [];
  readonly #settings: BitbucketSettings;
  readonly #runners: RunnerRegistry;
  readonly #news: DispatchNews;
  readonly #queue: OpenStep[] = [];
  readonly #running = new Map<string, OpenStep>();
  readonly #pickUps = new Set<ReturnType<typeof setTimeout>>();

  constructor(settings: BitbucketSettings, runners: RunnerRegistry, news: DispatchNews) {
    this.#settings = settings;
    this.#runners = runners;
    this.#news = news;
    runners.onIdle = () => this.#assign();
    runners.onLost = (step) => this.#lose(step);
  }

  /** Steps that wait for a busy runner. */
  get queued(): Step[] {
    return this.#queue.map(({ step }) => step);
  }

  /** Without any runner that could take it the step fails at once; one that is merely busy is waited for. */
  async run(step: Step, env: Readonly<Record<string, string>>, stop: AbortSignal): Promise<StepResult> {
    const labels = step.definition.runsOn ?? [];
    if (this.#runners.matching(step.pipeline.repositoryUuid, labels).length === 0) {
      const message = `No runner is active with the labels ${labels.join(", ")}`;
      step.error = { key: "runner.no-active-runner", message };
      return "ERROR";
    }
    const { promise, resolve } = Promise.withResolvers<StepResult>();
    const open: OpenStep = { step, env, finish: resolve };
    const cancel = () => this.#cancel(open);
    stop.addEventListener("abort", cancel, { once: true });
    this.#queue.push(open);
    this.#news.queued(step);
    this.#assign();
    const result = await promise;
    stop.removeEventListener("abort", cancel);
    this.#running.delete(step.uuid);
    return result;
  }

  /** A runner reports that it has finished its step. */
  completed(runner: RunnerRecord, stepUuid: string, exitCode: number): void {
    if (runner.step?.uuid !== stepUuid) return;
    runner.step = undefined;
    this.#running.get(stepUuid)?.finish(exitCode === 0 ? "SUCCESSFUL" : "FAILED");
    this.#assign();
  }

  /** A runner reports lines that its step has printed. */
  output(runner: RunnerRecord, stepUuid: string, lines: readonly string[]): void {
    const { step } = runner;
    if (step?.uuid !== stepUuid || step.result !== undefined) return;
    for (const line of lines) this.#news.printed(step, line);
  }

  close(): void {
    for (const timer of this.#pickUps) clearTimeout(timer);
  }

  #assign(): void {
    for (const open of [...this.#queue]) {
      const { step } = open;
      const runner = this.#runners.matching(step.pipeline.repositoryUuid, step.definition.runsOn ?? [])
        .find((candidate) => candidate.step === undefined);
      if (runner === undefined) continue;
      this.#queue.splice(this.#queue.indexOf(open), 1);
      runner.step = step;
      step.runnerUuid = runner.uuid;
      step.runnerName = runner.name;
      this.#running.set(step.uuid, open);
      this.#news.begun(step);
      this.#handOver(open, runner);
    }
  }

  #handOver({ step, env }: OpenStep, runner: RunnerRecord): void {
    const { afterScript } = step.definition;
    const send = () =>
      runner.send?.({
        type: "step",
        step: {
          stepUuid: step.uuid,
          pipelineUuid: step.pipeline.uuid,
          workspaceUuid: this.#settings.workspace.uuid,
          repositoryUuid: step.pipeline.repositoryUuid,
          script: scriptWithFiles(step, this.#settings),
          afterScript: afterScript.length === 0 ? undefined : stepScript(afterScript),
          env,
        },
      });
    if (this.#settings.pickUpMs === 0) return send();
    const timer = setTimeout(() => {
      this.#pickUps.delete(timer);
      send();
    }, this.#settings.pickUpMs);
    this.#pickUps.add(timer);
  }

  /** The pipeline was stopped. The runner stays busy until it says that the step has ended there. */
  #cancel(open: OpenStep): void {
    const place = this.#queue.indexOf(open);
    if (place >= 0) this.#queue.splice(place, 1);
    const runner = this.#runners.all.find((candidate) => candidate.step === open.step);
    runner?.send?.({ type: "cancel", stepUuid: open.step.uuid });
    open.finish("STOPPED");
  }

  #lose(step: Step): void {
    const open = this.#running.get(step.uuid);
    if (open === undefined) return;
    step.error = {
      key: "runner.step.half-completed",
      message: "The step was left half-completed by an unexpected system error: its runner is gone",
    };
    this.cancelled.push(step);
    open.finish("ERROR");
  }
}
