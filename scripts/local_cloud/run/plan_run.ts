import { readPipelines } from "../../../cli/pipelines/pipelines_file.ts";
import type { FileProblem } from "../../../cli/pipelines/yaml_node.ts";
import { fileFault } from "../../../shared/program/file_fault.ts";
import { pipelineItems } from "../pipelines/pipeline_file.ts";
import { choosePipeline, parseTrigger, pipelineTitle } from "./choose_pipeline.ts";
import { foreseen } from "./foreseen.ts";
import { notPlayed } from "./not_played.ts";
import { currentBranch, pipelineSource } from "./pipeline_source.ts";
import type { PlannedRun } from "./run_pipeline.ts";
import { runVariables } from "./run_variables.ts";
import { withSkippedSteps } from "./skipped_steps.ts";
import type { BitbucketSettings } from "../pipelines/bitbucket_settings.ts";

export interface RunRequest {
  readonly file: string;
  /** A folder, cloned if it is a repository, copied if not. */
  readonly source: string;
  /** As `--pipeline` takes it; what a push of the source's branch would run when left out. */
  readonly pipeline: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly approves: boolean;
}

/** A run, and what has to be there for it. */
export interface Plan extends PlannedRun {
  /** As in `branches: main`. */
  readonly title: string;
  readonly sources: NonNullable<BitbucketSettings["sources"]>;
}

/**
 * Decides what a run does, and clones its source below `folder`, which the caller removes. Warnings go to `warn`; undefined when
 * the file has errors, which go there too. Throws an error for whatever else keeps the run from beginning.
 */
export async function planRun(
  request: RunRequest,
  folder: string,
  warn: (line: string) => void,
): Promise<Plan | undefined> {
  const text = await Deno.readTextFile(request.file).catch((error) => {
    throw new Error(`Cannot read ${request.file}: ${fileFault(error)}`);
  });
  const file = readPipelines(text);
  const say = (problems: readonly FileProblem[]) => {
    for (const problem of problems) warn(located(request.file, problem));
  };
  say(file.problems);
  if (file.problems.some(({ severity }) => severity === "error")) return undefined;
  const trigger = parseTrigger(request.pipeline ?? `branch:${await currentBranch(request.source)}`);
  const pipeline = choosePipeline(file.pipelines, trigger);
  const variables = runVariables(pipeline, request.variables);
  const items = pipelineItems(pipeline);
  say(notPlayed(text, file, pipeline));
  say(foreseen(file, pipeline, variables));
  const source = await pipelineSource(
    await Deno.realPath(request.source).catch(() => request.source),
    trigger,
    folder,
  );
  for (const warning of source.warnings) warn(`warning: ${warning}`);
  const conditional = items.flat().filter(({ condition }) => condition !== undefined);
  if (source.changedFiles === undefined && conditional.length > 0) {
    warn("warning: nobody knows what has changed, so steps with a condition run");
  }
  return {
    title: pipelineTitle(pipeline),
    items: source.changedFiles === undefined ? items : withSkippedSteps(items, source.changedFiles),
    sources: await source.clones(
      items.flat().filter(({ clones }) => clones).map(({ cloneDepth }) => cloneDepth),
    ),
    target: source.target,
    variables,
    approves: request.approves,
  };
}

/** As compilers write it. */
function located(file: string, { line, column, severity, message }: FileProblem): string {
  return `${file}:${line}:${column}: ${severity}: ${message}`;
}
