import { shortened } from "../../../shared/output/plain_text.ts";
import type { NamedPipeline, PipelineStep } from "../pipeline_model.ts";
import type { Place } from "../yaml_node.ts";

/** What somebody should change in a bitbucket-pipelines.yml, and how. */
export interface PipelineFinding extends Place {
  /** What fails will not work; a warning may be meant. */
  readonly severity: "fail" | "warning";
  readonly message: string;
  readonly remedy: string;
}

/** A finding at a place. */
export function finding(
  { line, column }: Place,
  severity: PipelineFinding["severity"],
  message: string,
  remedy: string,
): PipelineFinding {
  return { line, column, severity, message, remedy };
}

/** How a step is named to the reader at the beginning of a sentence. */
export function stepTitle({ name }: Pick<PipelineStep, "name">): string {
  return `Step «${quoted(name)}»`;
}

/** How a step is named within a sentence. */
export function stepName({ name }: Pick<PipelineStep, "name">): string {
  return `step «${quoted(name)}»`;
}

/** How a pipeline is named to the reader. */
export function pipelineTitle({ selector, pattern }: NamedPipeline): string {
  return selector === "default" ? "the default pipeline" : `pipeline «${quoted(pattern)}» of ${selector}`;
}

/** Foreign text within a message. */
export function quoted(text: string): string {
  return shortened(text, 60);
}
