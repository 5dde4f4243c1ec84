import { RunnerError } from "../../../shared/program/errors.ts";
import { labelProblems } from "../../../shared/settings/labels_rules.ts";
import { waitFor } from "../../../shared/program/wait.ts";
import type { Findings } from "../judge/findings.ts";
import { remark, succeeded } from "../judge/read_answer.ts";
import { USUAL_LABELS } from "../live/find_creation.ts";
import { putState } from "../live/find_doors.ts";
import { lookUp, type Probe } from "../live/probe.ts";
import type { StepOptions } from "../live/probe_options.ts";
import { type RunnerProcess, withRunner } from "./runner_process.ts";
import { type SamplePipeline, stepNames } from "./sample_pipeline.ts";
import { readSteps, startSample, stopSample } from "./sample_run.ts";
import type { StepPace } from "./step_pace.ts";
import { isOver, isRunning, labelsFilled, resultOf, type SeenStep } from "./step_state.ts";

/** How long a runner whose process was killed counts as online. */
export async function findOffline(
  probe: Probe,
  { runnerHome }: StepOptions,
  pace: StepPace,
): Promise<Partial<Findings>> {
  const labels = [...USUAL_LABELS, probe.label];
  return await withRunner(probe, { name: "killed", labels, runnerHome, pace }, async ({ uuid, kill }) => {
    const { host, signal } = probe;
    const killedAt = host.monotonicMs();
    kill();
    const offline = async () => (await lookUp(probe, uuid)).state?.status === "OFFLINE" || undefined;
    const { kind } = await waitFor(host, offline, {
      timeoutMs: pace.offlineWithinMs,
      intervalMs: () => pace.lookMs,
      signal,
    });
    return { offlineAfterMs: kind === "done" ? Math.round(host.monotonicMs() - killedAt) : null };
  });
}

/** What a runner shows while it serves a step of the sample pipeline, and what becomes of the step without it. */
export async function findStep(
  probe: Probe,
  { label = probe.label, branch, runnerHome }: StepOptions,
  pace: StepPace,
  doors: Pick<Partial<Findings>, "closing">,
): Promise<Partial<Findings>> {
  const sample = { label, branch };
  const labels = [...USUAL_LABELS, label, ...(labelProblems([branch]).length === 0 ? [branch] : [])];
  return await withRunner(probe, { name: "works", labels, runnerHome, pace }, async (runner) => {
    const pipeline = await startSample(probe, sample, pace);
    try {
      return await watchStep(probe, { runner, sample, pipeline, pace, doors });
    } finally {
      await stopSample(probe, pipeline);
    }
  });
}

interface Watched {
  readonly runner: RunnerProcess;
  readonly sample: SamplePipeline;
  readonly pipeline: string;
  readonly pace: StepPace;
  readonly doors: Pick<Partial<Findings>, "closing">;
}

async function watchStep(probe: Probe, watched: Watched): Promise<Partial<Findings>> {
  await untilWork(probe, watched, "running", isRunning);
  const whileOpen = await lookForStep(probe, watched);
  const template = await readStep(probe, watched, "template");
  const whileClosed = whileOpen.stepShown ? await lookClosed(probe, watched) : {};
  const answer = await probe.runners.remove(watched.runner.uuid, probe.signal);
  const removed = succeeded(answer);
  return {
    ...whileOpen,
    ...whileClosed,
    ...(template === undefined ? {} : { fillsLabels: labelsFilled(template) }),
    busyDelete: { outcome: removed ? "taken" : "refused", note: remark(answer) },
    ...(removed ? { deletedStep: resultOf(await untilWork(probe, watched, "over", isOver)) } : {}),
  };
}

/** When the runner's state names the step, counted from when the step was seen running. */
async function lookForStep(
  probe: Probe,
  { runner, pace }: Watched,
): Promise<Pick<Findings, "stepShown"> & Partial<Findings>> {
  const { host, signal } = probe;
  const begunAt = host.monotonicMs();
  const { kind } = await waitFor(host, () => showsStep(probe, runner), {
    timeoutMs: pace.shownWithinMs,
    intervalMs: () => pace.lookMs,
    signal,
  });
  if (kind === "timed out") return { stepShown: false };
  return { stepShown: true, stepShownAfterMs: host.monotonicMs() - begunAt };
}

async function lookClosed(probe: Probe, { runner, doors }: Watched): Promise<Partial<Findings>> {
  const form = (["public", "state"] as const).find((one) => doors.closing?.[one]);
  if (form === undefined || !await putState(probe, runner, form, { status: "DISABLED" })) return {};
  return { stepShownClosed: await showsStep(probe, runner) ?? false };
}

/** True, or undefined while it does not. */
async function showsStep(probe: Probe, { uuid }: RunnerProcess): Promise<true | undefined> {
  return (await lookUp(probe, uuid)).state?.step ? true : undefined;
}

async function untilWork(
  probe: Probe,
  watched: Watched,
  what: string,
  is: (step: SeenStep) => boolean,
): Promise<SeenStep> {
  const { host, signal } = probe;
  const look = async () => {
    const step = await readStep(probe, watched, "work");
    return step !== undefined && (is(step) || isOver(step)) ? step : undefined;
  };
  const { stepWithinMs: timeoutMs, lookMs } = watched.pace;
  const found = await waitFor(host, look, { timeoutMs, intervalMs: () => lookMs, signal });
  if (found.kind === "done" && is(found.value)) return found.value;
  const end = found.kind === "done"
    ? Object.values(resultOf(found.value)).join(" ")
    : `${timeoutMs / 1000} s passed`;
  throw new RunnerError(`Cannot watch the sample step: it was not seen ${what} before ${end}`);
}

async function readStep(
  probe: Probe,
  { sample, pipeline }: Watched,
  which: "work" | "template",
): Promise<SeenStep | undefined> {
  return (await readSteps(probe, pipeline)).find(({ name }) => name === stepNames(sample)[which]);
}
