import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { MOST_RUNNERS, runnerName } from "../../shared/leftovers/runner_name.ts";
import { valueOr } from "../../shared/program/value_or.ts";
import { wholeNumber } from "../../shared/settings/parse_value.ts";
import { buildVariable } from "./build_variable.ts";

const count = wholeNumber(1, MOST_RUNNERS, "runners");

/** The names of a build's runners: as many as the start asks for, or else the build's own variable, the project's among them. */
export function buildRunners(
  build: KnownBuild,
  { runners }: { readonly runners?: number | undefined } = {},
): string[] {
  const many = runners ?? valueOr(1, () => count(buildVariable(build, "RUNNER_COUNT") ?? ""));
  return Array.from({ length: many }, (_, index) => runnerName(build.id, index + 1));
}
