import { pipelineFindings } from "../../pipelines/pipeline_findings.ts";
import { stepsOfItem } from "../../pipelines/pipeline_model.ts";
import { readPipelines } from "../../pipelines/pipelines_file.ts";
import type { DoctorConfig } from "../doctor_config.ts";
import { type Finding, ok } from "../finding.ts";

const CHECK = "pipelines";
const REFERENCE = "see Bitbucket's reference of bitbucket-pipelines.yml";

/**
 * What of a bitbucket-pipelines.yml would not work with the runners that its starts make; `path` names it in the places. What
 * may be meant is unknown.
 */
export function pipelinesFindings(
  text: string,
  path: string,
  { runnerType, labelTemplates, multiStep, runners, countsRunners, machines }: DoctorConfig,
  arch: "x86_64" | "arm64" | undefined,
): Finding[] {
  const file = readPipelines(text);
  const defaults = {
    runnerType,
    userLabels: labelTemplates ?? [],
    multiStep: multiStep ?? false,
    runners: countsRunners ? "auto" as const : runners ?? 1,
    machines,
    arch,
  };
  const problems = file.problems.map((one) => ({
    ...one,
    fails: one.severity === "error",
    remedy: REFERENCE,
  }));
  const findings = pipelineFindings(file, defaults).map((one) => ({
    ...one,
    fails: one.severity === "fail",
  }));
  if (problems.length + findings.length === 0) return [allWell(path, file)];
  return [...problems, ...findings].map(({ line, column, message, remedy, fails }): Finding => ({
    check: CHECK,
    verdict: fails ? "FAIL" : "unknown",
    detail: message,
    remedy,
    place: `${path}:${line}:${column}`,
  }));
}

function allWell(path: string, { pipelines }: ReturnType<typeof readPipelines>): Finding {
  const steps = pipelines.flatMap(({ items }) => items).flatMap(stepsOfItem).length;
  return ok(
    CHECK,
    `${path}: nothing to say about ${counted(pipelines.length, "pipeline")} with ${counted(steps, "step")}`,
  );
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
