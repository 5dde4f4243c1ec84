import { runnerCount } from "../../../cli/options/option_values.ts";
import { startOptions } from "../../../cli/options/options.ts";
import { pipelineFindings, type StartDefaults } from "../../../cli/pipelines/pipeline_findings.ts";
import type { NamedPipeline, PipelinesFile } from "../../../cli/pipelines/pipeline_model.ts";
import type { FileProblem } from "../../../cli/pipelines/yaml_node.ts";
import { valueOr } from "../../../shared/program/value_or.ts";
import { splitLabels } from "../../../shared/settings/labels_rules.ts";

/**
 * What of a pipeline cannot work, as doctor would say; a step that finds no runner waits here, with nothing to tell why. The
 * variables are those that all steps have.
 */
export function foreseen(
  file: PipelinesFile,
  pipeline: NamedPipeline,
  variables: Readonly<Record<string, string>>,
): FileProblem[] {
  const findings = pipelineFindings({ ...file, pipelines: [pipeline] }, startDefaults(variables));
  return findings.filter(({ severity }) => severity === "fail").map(({ line, column, message, remedy }) => ({
    line,
    column,
    severity: "warning",
    message: `${message}. ${remedy}`,
  }));
}

/** Values that start-runner refuses are its own to name. */
function startDefaults(variables: Readonly<Record<string, string>>): StartDefaults {
  const { runnerType, multiStep, machines } = startOptions;
  const given = <T>(name: string, parse: (text: string) => T, otherwise: T): T => {
    const text = variables[name];
    return text === undefined ? otherwise : valueOr(otherwise, () => parse(text));
  };
  return {
    runnerType: given("RUNNER_TYPE", runnerType.parse, runnerType.fallback),
    userLabels: splitLabels(variables["RUNNER_LABEL"] ?? ""),
    multiStep: given("MULTI_STEP", multiStep.parse, false),
    runners: given<number | "auto">("RUNNER_COUNT", runnerCount, 1),
    machines: given("RUNNER_MACHINES", machines.parse, machines.fallback),
    arch: undefined,
  };
}
