import assert from "node:assert/strict";
import { failedCommandOutput, readLogLines, tellsEndOf } from "../../../cli/log/container_log.ts";

/** A line as CodeBuild writes it. */
export function container(text: string): string {
  return `[Container] 2026/11/29 12:00:00.123456 ${text}`;
}

const SCRIPT = ["(", "  try this || {", "error: a line of the script", "    exit 3", "  }", ")"];
const LOG = [
  container("Entering phase INSTALL"),
  container("Running command true"),
  container("Phase complete: INSTALL State: SUCCEEDED"),
  container("Phase context status code:  Message: "),
  container("Entering phase PRE_BUILD"),
  container("Running command echo before"),
  "before",
  container(`Running command ${SCRIPT[0]}`),
  ...SCRIPT.slice(1),
  "what it says",
  container(`Command did not exit successfully ${SCRIPT[0]}`),
  ...SCRIPT.slice(1, -1),
  ") exit status 3",
  container("Running command echo finally"),
  "finally",
  container("Phase complete: PRE_BUILD State: FAILED"),
  container(
    `Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: ${SCRIPT[0]}`,
  ),
  ...SCRIPT.slice(1, -1),
  "). Reason: exit status 3",
];

Deno.test("`readLogLines()` tells what commands have written from commands that CodeBuild repeats", () => {
  const lines = readLogLines(LOG, SCRIPT.join("\n"));
  const output = lines.filter(({ said, empty }) => said === undefined && !empty).map(({ text }) => text);
  assert.deepEqual(output, ["before", "what it says", "finally"]);
  const told = lines.filter(({ said, empty }) => said !== undefined && !empty).map(({ said }) => said);
  assert.deepEqual(told, [
    "Entering phase INSTALL",
    "Phase complete: INSTALL State: SUCCEEDED",
    "Entering phase PRE_BUILD",
    "Phase complete: PRE_BUILD State: FAILED",
  ]);
});

Deno.test("`readLogLines()` takes a line for repeated only where it stands in the repetition", () => {
  const [, first, again] = readLogLines([container("Running command a"), "output", "a"], "a");
  assert.deepEqual([first?.empty, again?.empty], [false, false]);
});

Deno.test("`failedCommandOutput()` finds what the failed command has written, and no other", () => {
  const lines = readLogLines(LOG, SCRIPT.join("\n"));
  const written = (from: number, to: number) =>
    lines.slice(from, to).filter(({ empty }) => !empty).map(({ text }) => text);
  assert.deepEqual(written(...failedCommandOutput(lines, "PRE_BUILD")), ["what it says"]);
  const cut = LOG.indexOf("what it says");
  const end = lines.slice(cut);
  const [from, to] = failedCommandOutput(end, "PRE_BUILD");
  assert.deepEqual(end.slice(from, to).map(({ text }) => text), ["what it says"]);
});

Deno.test("`tellsEndOf()` knows whether a phase's last lines are there", () => {
  const lines = readLogLines(LOG, "");
  assert.ok(tellsEndOf(lines, "PRE_BUILD"));
  assert.ok(!tellsEndOf(lines, "BUILD"));
  assert.ok(!tellsEndOf(lines.slice(0, 10), "PRE_BUILD"));
});
