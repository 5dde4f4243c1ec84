import type { Bitbucket, KnownRunner } from "../../shared/bitbucket/bitbucket.ts";
import { isClosed, type PipelineStep, type Runner } from "../../shared/calls/bitbucket_schema.ts";
import type { Logger } from "../../shared/output/log.ts";
import {
  isHere,
  type Lifecycle,
  type LifecycleEvent,
  type Pool,
  type RunnerView,
} from "../life/lifecycle_state.ts";
import type { Action } from "../life/next_action.ts";
import { failedRun, pipelineOver, waitsForPerson } from "../life/pipeline_over.ts";
import { countRanElsewhere } from "../life/ran_elsewhere.ts";
import type { StepResults } from "./step_results.ts";

/** From this many shortest gaps on, a pipeline that calls itself running is checked for a manual gate. */
const GATE_CHECK_GAPS = 3;

/** The runner that is asked after. */
export interface AskedRunner extends KnownRunner {
  readonly bitbucket: Bitbucket;
  readonly launcherStep: string | undefined;
}

export interface Asking {
  readonly log: Logger;
  readonly runner: AskedRunner;
  /** Gathers how steps ended. */
  readonly results?: StepResults | undefined;
}

/**
 * Makes the call that an action asks for, and words its answer as an event; `others` are the lives of the build's other
 * runners. Rejects when the call fails.
 */
export async function askBitbucket(
  asking: Asking,
  life: Lifecycle,
  action: Action,
  signal: AbortSignal,
  others: readonly Lifecycle[] = [],
): Promise<LifecycleEvent> {
  const { runner } = asking;
  const { bitbucket } = runner;
  const { pipelineUuid } = life.settings;
  switch (action.type) {
    case "close": {
      const { form, runner: seen } = await bitbucket.closeRunner(runner, { signal });
      const view = typeof seen === "string" ? seen : viewOf(seen);
      return { type: "close answered", refused: form === "refused", runner: view };
    }
    case "look at runner":
      return { type: "runner seen", runner: viewOf(await bitbucket.getRunner(runner.uuid, { signal })) };
    case "look at step": {
      const steps = await listSteps(asking, action.step.pipelineUuid, signal);
      return stepSeen(steps, action.step.stepUuid);
    }
    case "look at own steps":
      return await findOwnStep(asking, { pipelineUuid, stepUuid: action.stepUuid, others }, signal);
    case "look at pipeline": {
      const seen = await lookAtPipeline(asking, life, signal);
      return { type: "pipeline seen", ...seen, stretch: bitbucket.stretch };
    }
    case "look elsewhere": {
      const steps = await listSteps(asking, pipelineUuid, signal);
      const servedSteps = life.served.map((step) => step.stepUuid);
      const own = { runnerUuids: [runner.uuid], servedSteps, launcherStep: runner.launcherStep };
      return { type: "elsewhere seen", ranElsewhere: countRanElsewhere(steps, own) };
    }
    case "look at others": {
      const unfinished = await bitbucket.listUnfinishedPipelines({ signal });
      const others = unfinished.filter((pipeline) => pipeline.uuid !== pipelineUuid);
      const ownEnded = others.length === unfinished.length;
      return { type: "others seen", unfinished: others.length, ownEnded, stretch: bitbucket.stretch };
    }
    case "unregister":
      await bitbucket.deleteRunner(runner.uuid, { signal });
      return { type: "unregistered" };
    default:
      throw new Error(`Not a call: ${action.type}`);
  }
}

/** What a list says of one of its steps; one that is not in it is over. */
export function stepSeen(steps: readonly PipelineStep[], stepUuid: string): LifecycleEvent {
  const step = steps.find((candidate) => candidate.uuid === stepUuid);
  const completed = step === undefined || step.state.name === "COMPLETED";
  const result = completed ? step?.state.result?.name : undefined;
  return { type: "step seen", completed, ...(result === undefined ? {} : { result }) };
}

interface Sought {
  readonly pipelineUuid: string;
  /** Undefined where Bitbucket does not tell. */
  readonly stepUuid: string | undefined;
  readonly others: readonly Lifecycle[];
}

/**
 * The step of our pipeline that the runner may have at work. Without a UUID to go by, a step in progress can be no other
 * only where it is alone in the whole repository but for those that the build's other runners tell of, or names its runner.
 */
async function findOwnStep(
  asking: Asking,
  { pipelineUuid, stepUuid, others }: Sought,
  signal: AbortSignal,
): Promise<LifecycleEvent> {
  const { bitbucket, uuid, launcherStep } = asking.runner;
  const steps = await listSteps(asking, pipelineUuid, signal);
  const launcher = launcherStep ?? steps[0]?.uuid;
  const theirs = others.flatMap(knownStep);
  const running = steps.filter((step) =>
    step.state.name === "IN_PROGRESS" && step.uuid !== launcher && !theirs.includes(step.uuid)
  );
  const named = stepUuid === undefined
    ? running.find((step) => step.runner?.uuid === uuid)
    : steps.find((step) => step.uuid === stepUuid);
  const found = (step: PipelineStep | undefined, sure: boolean): LifecycleEvent => ({
    type: "own steps seen",
    step: step === undefined ? undefined : { pipelineUuid, stepUuid: step.uuid },
    sure,
  });
  if (named !== undefined || stepUuid !== undefined) return found(named, true);
  if (running[0] === undefined) return found(undefined, false);
  const unfinished = await bitbucket.listUnfinishedPipelines({ signal });
  const alone = running.length === 1 && unfinished.every((pipeline) => pipeline.uuid === pipelineUuid);
  return found(running[0], alone && !others.some(mayHaveAny));
}

/** The step that a runner is known to have at work. */
export function knownStep(life: Lifecycle): string[] {
  return isHere(life) && life.work.kind === "step" && life.work.heardBy !== "guess"
    ? [life.work.step.stepUuid]
    : [];
}

/** Whether a runner has something at work of which it is not known what. */
export function mayHaveAny(life: Lifecycle): boolean {
  return isHere(life) && life.work.kind !== "idle" && knownStep(life).length === 0;
}

async function lookAtPipeline(
  asking: Asking,
  life: Lifecycle,
  signal: AbortSignal,
): Promise<{ over: Pool["over"]; failedRun?: number | undefined }> {
  const { log, runner: { bitbucket } } = asking;
  const { pipelineUuid, shortestLookMs } = life.settings;
  const pipeline = await bitbucket.getPipeline(pipelineUuid, { signal });
  if (pipeline === undefined) {
    log.warning(`Bitbucket does not know the pipeline ${pipelineUuid}`);
    return { over: undefined };
  }
  const over = pipelineOver(pipeline);
  if (over === "ended") return { over, failedRun: failedRun(pipeline) };
  const gapMs = isHere(life) ? life.pacing.gapMs : 0;
  if (over !== undefined || gapMs < shortestLookMs * GATE_CHECK_GAPS) return { over };
  const waits = waitsForPerson(await listSteps(asking, pipelineUuid, signal));
  return { over: waits ? "at a manual gate" : undefined };
}

/** The steps of a pipeline; how those ended that are over is noted. Rejects when the call fails. */
export async function listSteps({ runner, results }: Asking, pipelineUuid: string, signal: AbortSignal) {
  const steps = await runner.bitbucket.listSteps(pipelineUuid, { signal });
  results?.note(pipelineUuid, steps);
  return steps;
}

/** What of a runner matters for its life. */
export function viewOf(runner: Runner | undefined): RunnerView | undefined {
  if (runner === undefined) return undefined;
  const { step } = runner.state;
  return {
    closed: isClosed(runner),
    busy: (step ?? undefined) !== undefined,
    stepUuid: step?.uuid ?? undefined,
  };
}
