import assert from "node:assert/strict";
import { parseRunnerLine, type RunnerEvent } from "../../../agent/life/runner_log.ts";

const STAMP = "[2026-11-21 04:00:00,123] ";
const STEP_LINE =
  "Getting step StepId{accountUuid={a-1}, repositoryUuid={r-1}, pipelineUuid={p-1}, stepUuid={s-1}}.";
const STARTED: RunnerEvent = { type: "step started", step: { pipelineUuid: "{p-1}", stepUuid: "{s-1}" } };

const TABLE: readonly [line: string, event: RunnerEvent | undefined][] = [
  [`${STAMP}Updating runner state to "ONLINE".`, { type: "online" }],
  [`${STAMP}Updating runner state to "OFFLINE".`, { type: "offline" }],
  [`${STAMP}${STEP_LINE}`, STARTED],
  [`[2026-11-21T04:00:00.123Z]  ${STEP_LINE}`, STARTED],
  [`${STAMP}${STEP_LINE.replaceAll("={", "=").replaceAll(/(-1)}/g, "$1")}`, STARTED],
  [`${STAMP}Completing step with result Result{status=PASSED, error=None}.`, {
    type: "step completed",
    result: "PASSED",
  }],
  [`${STAMP}Completing step with result Result{status=FAILED, error=None}.`, {
    type: "step completed",
    result: "FAILED",
  }],
  [`${STAMP}Completing step with result Result{status=ERROR, error=Some(x)}.`, {
    type: "step completed",
    result: "ERROR",
  }],
  [`${STAMP}Runner version: 5.6.0`, undefined],
  [
    `${STAMP}Updating runner status to "ONLINE" and checking for new steps assigned to the runner after 0 seconds.`,
    { type: "online" },
  ],
  [`${STAMP} Updating  runner  state to  "ONLINE"`, { type: "online" }],
  [`${STAMP}Getting  step StepId { pipelineUuid = {p-1} , stepUuid = {s-1} }`, STARTED],
  [`${STAMP}Completing step  with result Result { status = SOMETHING_NEW }`, {
    type: "step completed",
    result: "SOMETHING_NEW",
  }],
  [`${STAMP}Completing step with result Result{status=PASSED, error=None}.${" ".repeat(1_000_000)}`, {
    type: "step completed",
    result: "PASSED",
  }],
  [`Updating runner state to "ONLINE".`, undefined],
  [`+ echo '${STAMP}Updating runner state to "OFFLINE".'`, undefined],
  [`${STAMP}A script said: ${STEP_LINE}`, undefined],
  [`${STAMP}Getting step StepId{stepUuid={s-1}}.`, undefined],
  ["", undefined],
];

Deno.test("`parseRunnerLine()` reads what the runner says of itself, and ignores what merely quotes it", () => {
  for (const [line, event] of TABLE) assert.deepEqual(parseRunnerLine(line), event, line);
});
