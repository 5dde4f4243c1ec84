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

const STEP_ID = /^Getting step StepId\{.*\bpipelineUuid=\{?([\w-]+)\}?.*\bstepUuid=\{?([\w-]+)\}?/;
const STEP_RESULT = /^Completing step with result Result\{status=(\w+)/;

/**
 * Reads one line of the runner's output; undefined where it tells nothing of interest.
 * Source: log of Atlassian's runner bundle 1.364 and the expectations of a public tool that parses it.
 */
export function parseRunnerLine(line: string): RunnerEvent | undefined {
  const stamp = TIMESTAMP.exec(line);
  if (stamp === null) return undefined;
  const message = line.slice(stamp[0].length);
  if (message.startsWith('Updating runner state to "ONLINE"')) return { type: "online" };
  if (message.startsWith('Updating runner state to "OFFLINE"')) return { type: "offline" };
  const started = STEP_ID.exec(message);
  if (started?.[1] !== undefined && started[2] !== undefined) {
    return { type: "step started", step: { pipelineUuid: `{${started[1]}}`, stepUuid: `{${started[2]}}` } };
  }
  const result = STEP_RESULT.exec(message)?.[1];
  return result === undefined ? undefined : { type: "step completed", result };
}
