import { isClosed, type Runner } from "../../shared/calls/bitbucket_schema.ts";
import type { Host } from "../../shared/program/host.ts";
import type { Logger } from "../../shared/program/log.ts";
import { lifeNews } from "../life/life_news.ts";
import { advance } from "../life/lifecycle.ts";
import type { Lifecycle, LifecycleEvent, RunnerView } from "../life/lifecycle_state.ts";
import { type Action, nextAction } from "../life/next_action.ts";
import { pipelineOver, waitsForPerson } from "../life/pipeline_over.ts";
import { countRanElsewhere } from "../life/ran_elsewhere.ts";
import type { RunnerEar, WatchedRunner } from "./watched_runner.ts";

/** Time between SIGTERM and SIGKILL for a runner that is idle, in milliseconds. */
const STOP_GRACE_MS = 10_000;
/** Time for all that is still done after an interruption, in milliseconds. */
const HURRY_MS = 25_000;
/** From this many shortest gaps on, a pipeline that calls itself running is checked for a manual gate. */
const GATE_CHECK_GAPS = 3;

export interface RunnerLife {
  readonly host: Host;
  readonly log: Logger;
  readonly runner: WatchedRunner;
  readonly ear: RunnerEar;
  readonly signal: AbortSignal;
}

/** Lives a runner's life to its end: does what `nextAction` says, one thing at a time, and reports what came of it. */
export async function liveOut(deps: RunnerLife, start: Lifecycle): Promise<Lifecycle> {
  let life = start;
  const calls = callSignal(deps.signal);
  for (;;) {
    if (deps.signal.aborted && !life.hurry) {
      life = note(deps, life, { type: "interrupted", why: interruptionText(deps.signal) });
    }
    const action = nextAction(life, deps.host.monotonicMs());
    if (action.type === "finish") return life;
    const outcome = await perform(deps, life, action, calls);
    // What the runner said meanwhile comes first: an answer may be older than the end of a step.
    for (const event of [...deps.ear.hearNow(), ...outcome]) life = note(deps, life, event);
  }
}

function note(deps: RunnerLife, life: Lifecycle, event: LifecycleEvent): Lifecycle {
  const next = advance(life, event, deps.host.monotonicMs());
  for (const news of lifeNews(life, next)) deps.log.info(news);
  return next;
}

async function perform(
  deps: RunnerLife,
  life: Lifecycle,
  action: ReturnType<typeof nextAction>,
  calls: () => AbortSignal,
): Promise<readonly LifecycleEvent[]> {
  try {
    if (action.type === "leave") return [{ type: "told to leave", why: action.why }];
    if (action.type === "wait") return await deps.ear.listen(action.untilMs, calls());
    return [await ask(deps, life, action, calls())];
  } catch (error) {
    if (deps.signal.aborted && !life.hurry) return [];
    deps.log.warning(error instanceof Error ? error.message : String(error));
    return [{ type: "call failed", action: action.type }];
  }
}

async function ask(
  deps: RunnerLife,
  life: Lifecycle,
  action: Action,
  signal: AbortSignal,
): Promise<LifecycleEvent> {
  const { runner } = deps;
  const { bitbucket } = runner;
  const { stretch } = bitbucket;
  switch (action.type) {
    case "close": {
      const { form, runner: seen } = await bitbucket.closeRunner(runner, { signal });
      return { type: "close answered", refused: form === "refused", runner: viewOf(seen) };
    }
    case "look at runner":
      return { type: "runner seen", runner: viewOf(await bitbucket.getRunner(runner.uuid, { signal })) };
    case "look at step": {
      const steps = await bitbucket.listSteps(action.step.pipelineUuid, { signal });
      const step = steps.find((candidate) => candidate.uuid === action.step.stepUuid);
      return { type: "step seen", completed: step === undefined || step.state.name === "COMPLETED" };
    }
    case "look at pipeline":
      return { type: "pipeline seen", over: await lookAtPipeline(deps, life, signal), stretch };
    case "look elsewhere": {
      const steps = await bitbucket.listSteps(life.settings.pipelineUuid, { signal });
      const servedSteps = life.served.map((step) => step.stepUuid);
      const own = { runnerUuid: runner.uuid, servedSteps, launcherStep: runner.launcherStep };
      return { type: "elsewhere seen", ranElsewhere: countRanElsewhere(steps, own) };
    }
    case "look at others": {
      const unfinished = await bitbucket.listUnfinishedPipelines({ signal });
      const others = unfinished.filter((pipeline) => pipeline.uuid !== life.settings.pipelineUuid);
      const ownEnded = others.length === unfinished.length;
      return { type: "others seen", unfinished: others.length, ownEnded, stretch };
    }
    case "stop": {
      const outcome = await runner.control.stop(STOP_GRACE_MS);
      if (outcome === "killed") deps.log.warning("The runner did not stop when asked to, and was killed");
      return { type: "stopped" };
    }
    case "unregister":
      await bitbucket.deleteRunner(runner.uuid, { signal });
      return { type: "unregistered" };
    case "wait":
    case "finish":
      throw new Error(`Not a call: ${action.type}`);
  }
}

async function lookAtPipeline(
  deps: RunnerLife,
  life: Lifecycle,
  signal: AbortSignal,
): Promise<Lifecycle["over"]> {
  const { bitbucket } = deps.runner;
  const pipeline = await bitbucket.getPipeline(life.settings.pipelineUuid, { signal });
  if (pipeline === undefined) {
    deps.log.warning(`Bitbucket does not know the pipeline ${life.settings.pipelineUuid}`);
    return undefined;
  }
  const over = pipelineOver(pipeline);
  if (over !== undefined || life.pacing.gapMs < life.settings.shortestLookMs * GATE_CHECK_GAPS) return over;
  const steps = await bitbucket.listSteps(life.settings.pipelineUuid, { signal });
  return waitsForPerson(steps) ? "at a manual gate" : undefined;
}

function viewOf(runner: Runner | undefined): RunnerView | undefined {
  if (runner === undefined) return undefined;
  return { closed: isClosed(runner), busy: (runner.state.step ?? undefined) !== undefined };
}

/** The program's signal until it fires; from then on one that leaves a bounded time for the clean-up. */
function callSignal(program: AbortSignal): () => AbortSignal {
  let hurry: AbortSignal | undefined;
  return () => program.aborted ? hurry ??= AbortSignal.timeout(HURRY_MS) : program;
}

function interruptionText(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : "the program was interrupted";
}
