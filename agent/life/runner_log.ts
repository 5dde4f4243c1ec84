/** How a step ended, in the runner's own word, as in PASSED or FAILED. */
export type StepResult = string;

export interface StepRef {
  readonly pipelineUuid: string;
  readonly stepUuid: string;
}

/** What a line of the runner's output says about its life. */
export type RunnerEvent =
  | { readonly type: "online" }
  | { readonly type: "step started"; readonly step: StepRef }
  | { readonly type: "step completed"; readonly result: StepResult }
  | { readonly type: "offline" };

/**
 * Every line of Atlassian's runner starts with its time. Lines without it are ignored, so that a text
 * that merely quotes one of the messages is not taken for the runner's word.
 */
const TIMESTAMP = /^\[\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[,.]\d+Z?\]\s+/;

const ONLINE = /^Updating\s+runner\s+stat(?:e|us)\s+to\s+"ONLINE"/;
const OFFLINE = /^Updating\s+runner\s+stat(?:e|us)\s+to\s+"OFFLINE"/;
const STEP = /^Getting\s+step\s+StepId\b/;
const PIPELINE_UUID = /\bpipelineUuid\s*=\s*\{?([\w-]+)/;
const STEP_UUID = /\bstepUuid\s*=\s*\{?([\w-]+)/;
const STEP_RESULT = /^Completing\s+step\s+with\s+result\s+Result\s*\{\s*status\s*=\s*(\w+)/;

/** No line that means something is longer; what follows is not looked at. */
const LONGEST_MESSAGE = 2_000;

/**
 * Reads one line of the runner's output; undefined where it tells nothing of interest. Spacing may differ, and either
 * of the two lines that speak of ONLINE counts. Source: log of Atlassian's runner bundle 1.364 and the expectations of
 * public tools that parse it; for later versions no log is public.
 */
export function parseRunnerLine(line: string): RunnerEvent | undefined {
  const stamp = TIMESTAMP.exec(line.slice(0, LONGEST_MESSAGE));
  if (stamp === null) return undefined;
  const message = line.slice(stamp[0].length, LONGEST_MESSAGE);
  if (ONLINE.test(message)) return { type: "online" };
  if (OFFLINE.test(message)) return { type: "offline" };
  if (STEP.test(message)) return stepStarted(message);
  const result = STEP_RESULT.exec(message)?.[1];
  return result === undefined ? undefined : { type: "step completed", result };
}

function stepStarted(message: string): RunnerEvent | undefined {
  const pipeline = PIPELINE_UUID.exec(message)?.[1];
  const step = STEP_UUID.exec(message)?.[1];
  if (pipeline === undefined || step === undefined) return undefined;
  return { type: "step started", step: { pipelineUuid: `{${pipeline}}`, stepUuid: `{${step}}` } };
}
