import type { Build } from "../codebuild/build.ts";
import type { Faults } from "../server/faults.ts";
import { type Pipeline, type Step, stepsOf } from "../pipelines/pipeline.ts";

/** What `local-cloud run` ends with. */
export const RUN_EXIT_CODES = { passed: 0, failed: 1, notRun: 2, waits: 3 } as const;

/** The exit code for a pipeline's result; for one that has none, that of waiting at a manual step. */
export function runExitCode({ result }: Pipeline): number {
  if (result === undefined) return RUN_EXIT_CODES.waits;
  return result === "SUCCESSFUL" ? RUN_EXIT_CODES.passed : RUN_EXIT_CODES.failed;
}

/** What became of a pipeline: a line for each step, with where it ran, its result, how long it took and its build. */
export function runSummary(
  title: string,
  pipeline: Pipeline,
  builds: readonly Build[],
  faults: Faults["struck"] = [],
): string[] {
  const steps = stepsOf(pipeline);
  const waiting = steps.filter(({ paused }) => paused).map(({ definition }) => `«${definition.name}»`);
  const rows = [
    ["Step", "Where", "Result", "Time", "Build"],
    ...steps.map((
      step,
    ) => [step.definition.name, where(step), outcome(step), time(step), buildOf(step, builds)]),
  ];
  return [
    `Pipeline ${title}: ${
      pipeline.result ?? `waits for a person at ${waiting.join(", ")}; --approve all starts such steps`
    }`,
    ...aligned(rows).map((line) => `  ${line}`),
    ...steps.flatMap(({ definition, error }) =>
      error === undefined ? [] : [`Step «${definition.name}»: ${error.message}`]
    ),
    ...builds.map(({ id, status }) => `Build ${id}: ${status}`),
    ...(faults.length === 0
      ? []
      : [`Faults that struck: ${faults.map(({ call, kind }) => `${call} (${kind})`).join(", ")}`]),
  ];
}

function where({ definition, runnerUuid }: Step): string {
  if (definition.runsOn === undefined) return "Bitbucket's cloud";
  return runnerUuid === undefined ? "no runner" : "self-hosted runner";
}

function outcome({ definition, paused, result }: Step): string {
  if (definition.skipped && result === "NOT_RUN") return "NOT_RUN (no such change)";
  return result ?? (paused ? "WAITS" : "PENDING");
}

function time({ startedAt, completedAt }: Step): string {
  if (startedAt === undefined) return "";
  return `${(((completedAt ?? Date.now()) - startedAt) / 1000).toFixed(1)} s`;
}

/** The build whose runner served the step, or that the step has started. */
function buildOf({ runnerName, uuid }: Step, builds: readonly Build[]): string {
  const served = builds.find((build) => runnerName?.includes(build.uuid));
  if (served !== undefined) return served.id;
  const started = builds.filter(({ input }) =>
    input.environmentVariablesOverride.some(({ name, value }) =>
      name === "LAUNCHER_STEP_UUID" && value === uuid
    )
  );
  return started.map(({ id }) => `started ${id}`).join(", ");
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => [...row[column] ?? ""].length))
  );
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("   ").trimEnd());
}
