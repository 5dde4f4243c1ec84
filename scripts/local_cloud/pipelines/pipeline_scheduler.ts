import type { BitbucketSettings } from "./bitbucket_settings.ts";
import type { RunCloudStep } from "../machine/cloud_step.ts";
import type { Happenings } from "../server/happenings.ts";
import { newPipeline, type PipelineTarget, reopenPipeline } from "./new_pipeline.ts";
import type { OidcTokens } from "./oidc_tokens.ts";
import type { Pipeline, Step, StepResult } from "./pipeline.ts";
import type { PipelineItem } from "./pipeline_file.ts";
import type { RunnerRegistry } from "./runner_registry.ts";
import { StepDispatcher } from "./step_dispatcher.ts";
import { stepEnvironment } from "./step_environment.ts";
import { StepGroups } from "./step_groups.ts";
import { StepLimit } from "./step_limit.ts";
import { StepNews } from "./step_news.ts";
import { scriptWithFiles, stepScript } from "./step_script.ts";

export interface PipelineRequest extends PipelineTarget {
  readonly items: readonly PipelineItem[];
  /** Slug or UUID; the first repository when left out. */
  readonly repository?: string;
  /** Variables of this pipeline's steps, beside those of the repository. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Runs this pipeline's cloud steps in another way; tests use it to run start-runner themselves. */
  readonly runCloudStep?: RunCloudStep;
}

interface LivePipeline {
  readonly request: PipelineRequest;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

export interface SchedulerParts {
  readonly settings: BitbucketSettings;
  readonly runners: RunnerRegistry;
  readonly oidcTokens: OidcTokens;
  readonly happenings: Happenings;
  readonly runCloudStep: RunCloudStep;
}

/** Runs pipelines: cloud steps here and now, self-hosted ones on the registered runners. */
export class PipelineScheduler {
  /** Every pipeline so far, oldest first. */
  readonly pipelines: Pipeline[] = [];
  readonly dispatcher: StepDispatcher;
  readonly #parts: SchedulerParts;
  readonly #news: StepNews;
  readonly #live = new Map<string, LivePipeline>();
  readonly #gates = new Map<string, () => void>();
  readonly #limits = new Map<string, StepLimit>();
  readonly #groups = new StepGroups();
  readonly #closing = new AbortController();

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#news = new StepNews(parts.happenings);
    this.dispatcher = new StepDispatcher(parts.settings, parts.runners, {
      queued: (step) => this.#news.queued(step),
      begun: (step) => this.#begin(step),
      printed: (step, line) => this.#news.printed(step, line),
    });
  }

  find(uuidOrNumber: string): Pipeline | undefined {
    const bare = uuidOrNumber.replace(/[{}]/g, "");
    return this.pipelines.find((pipeline) =>
      pipeline.uuid === `{${bare}}` || String(pipeline.number) === bare
    );
  }

  start(request: PipelineRequest): Pipeline {
    const { repositories } = this.#parts.settings;
    const wanted = request.repository ?? repositories[0]?.slug;
    const repository = repositories.find(({ slug, uuid }) => slug === wanted || uuid === wanted);
    if (repository === undefined) throw new Error(`Cannot run pipeline: no repository ${wanted}`);
    const number = this.pipelines.length + 1;
    const pipeline = newPipeline(request.items, repository, request, number);
    this.pipelines.push(pipeline);
    this.#launch(pipeline, request);
    return pipeline;
  }

  /** Runs again what did not pass of a pipeline that is over, as its request says. */
  rerunFailed(pipeline: Pipeline, request: Omit<PipelineRequest, "items">): void {
    reopenPipeline(pipeline, this.#parts.settings);
    this.#launch(pipeline, { ...request, items: [] });
  }

  #launch(pipeline: Pipeline, request: PipelineRequest): void {
    this.#parts.happenings.emit({ type: "pipeline started", pipelineUuid: pipeline.uuid });
    const stop = new AbortController();
    const done = Promise.resolve().then(() => this.#run(pipeline, request, stop.signal));
    this.#live.set(pipeline.uuid, { request, stop, done });
  }

  /** False when it is over already. */
  stop(uuid: string): boolean {
    const live = this.#live.get(uuid);
    live?.stop.abort();
    return live !== undefined;
  }

  /** Starts a step that waits for a person. */
  resume(stepUuid: string): void {
    this.#gates.get(stepUuid)?.();
  }

  /** Resolves when a pipeline is over. */
  async ended(uuid: string): Promise<void> {
    await this.#live.get(uuid)?.done;
  }

  /** Stops every pipeline. */
  async close(): Promise<void> {
    this.dispatcher.close();
    this.#closing.abort();
    const live = [...this.#live.values()];
    for (const { stop } of live) stop.abort();
    await Promise.all(live.map(({ done }) => done));
  }

  async #run(pipeline: Pipeline, request: PipelineRequest, stop: AbortSignal): Promise<void> {
    let result: Pipeline["result"] = "SUCCESSFUL";
    for (const item of pipeline.items) {
      const steps = item.filter((step) => step.result !== "SUCCESSFUL");
      const isFinal = item.some(({ definition }) => definition.final);
      const signal = isFinal ? this.#closing.signal : stop;
      if (signal.aborted || (result !== "SUCCESSFUL" && !isFinal)) {
        for (const step of steps) this.#news.ended(step, "NOT_RUN");
        continue;
      }
      result = worst([result, ...await this.#runItem(steps, request, signal)]);
    }
    pipeline.result = stop.aborted ? "STOPPED" : result;
    pipeline.completedAt = Date.now();
    this.#live.delete(pipeline.uuid);
    this.#parts.happenings.emit({
      type: "pipeline ended",
      pipelineUuid: pipeline.uuid,
      result: pipeline.result,
    });
  }

  /** Runs steps side by side; one that fails with `fail-fast` stops the others, which does not count as theirs. */
  async #runItem(steps: readonly Step[], request: PipelineRequest, stop: AbortSignal): Promise<StepResult[]> {
    const failed = new AbortController();
    const signal = AbortSignal.any([stop, failed.signal]);
    const results = await Promise.all(steps.map(async (step) => {
      const { concurrencyGroup, failFast } = step.definition;
      const result = await this.#groups.inTurn(concurrencyGroup, () => this.#runStep(step, request, signal));
      if (failFast && (result === "FAILED" || result === "ERROR")) failed.abort();
      return result;
    }));
    return results.filter((result) => result !== "STOPPED" || stop.aborted);
  }

  async #runStep(step: Step, request: PipelineRequest, stop: AbortSignal): Promise<StepResult> {
    const { manual, skipped } = step.definition;
    if (skipped) return this.#news.ended(step, "NOT_RUN");
    if (manual && !stop.aborted) await this.#gate(step, stop);
    if (stop.aborted) return this.#news.ended(step, "STOPPED");
    step.state = "READY";
    return this.#news.ended(step, await this.#limited(step, request, stop));
  }

  #gate(step: Step, stop: AbortSignal): Promise<void> {
    step.paused = true;
    this.#news.queued(step);
    return new Promise((resolve) => {
      const open = () => {
        stop.removeEventListener("abort", open);
        this.#gates.delete(step.uuid);
        step.paused = false;
        resolve();
      };
      this.#gates.set(step.uuid, open);
      stop.addEventListener("abort", open);
    });
  }

  async #limited(step: Step, request: PipelineRequest, stop: AbortSignal): Promise<StepResult> {
    const { maxTimeMinutes, runsOn } = step.definition;
    const limit = new StepLimit(maxTimeMinutes * this.#parts.settings.minuteMs);
    this.#limits.set(step.uuid, limit);
    const env = this.#environment(step, request);
    const signal = AbortSignal.any([stop, limit.signal]);
    const result = runsOn === undefined
      ? await this.#inCloud(step, env, request, signal)
      : await this.dispatcher.run(step, env, signal);
    limit.end();
    this.#limits.delete(step.uuid);
    if (!limit.signal.aborted || stop.aborted) return result;
    step.error = {
      key: "exceeded-time-limit",
      message: `The step took longer than its max-time of ${maxTimeMinutes} minutes`,
    };
    return "FAILED";
  }

  async #inCloud(
    step: Step,
    env: Readonly<Record<string, string>>,
    request: PipelineRequest,
    stop: AbortSignal,
  ): Promise<StepResult> {
    this.#begin(step);
    const run = request.runCloudStep ?? this.#parts.runCloudStep;
    const { afterScript, name } = step.definition;
    const exitCode = await run(
      {
        stepUuid: step.uuid,
        name,
        script: scriptWithFiles(step, this.#parts.settings),
        afterScript: afterScript.length === 0 ? undefined : stepScript(afterScript),
        env,
      },
      (line) => this.#news.printed(step, line),
      stop,
    );
    return stop.aborted ? "STOPPED" : exitCode === 0 ? "SUCCESSFUL" : "FAILED";
  }

  /** The repository's variables are for cloud steps: they name the local cloud's own endpoints and PATH. */
  #environment(step: Step, request: PipelineRequest): Record<string, string> {
    const { settings, oidcTokens } = this.#parts;
    const repository = step.definition.runsOn === undefined ? settings.variables : {};
    return { ...repository, ...request.variables, ...stepEnvironment(step, settings, oidcTokens) };
  }

  #begin(step: Step): void {
    this.#news.begun(step);
    this.#limits.get(step.uuid)?.begin();
  }
}

function worst(results: readonly StepResult[]): Exclude<StepResult, "NOT_RUN"> {
  return (["STOPPED", "ERROR", "FAILED"] as const).find((result) => results.includes(result)) ?? "SUCCESSFUL";
}
