import type { StepCondition } from "../../../cli/pipelines/pipeline_model.ts";
import type { PipelineItem } from "../pipelines/pipeline_file.ts";
import { matchesGlob } from "../../../cli/pipelines/glob.ts";

/** The same items, where a step does not run whose `condition: changesets` no changed file meets. */
export function withSkippedSteps(
  items: readonly PipelineItem[],
  changedFiles: readonly string[],
): PipelineItem[] {
  return items.map((item) =>
    item.map((step) => ({
      ...step,
      skipped: step.condition !== undefined && !meets(step.condition, changedFiles),
    }))
  );
}

function meets({ includePaths, excludePaths }: StepCondition, changedFiles: readonly string[]): boolean {
  if (includePaths.length === 0 && excludePaths.length === 0) return true;
  const matches = (file: string) => (pattern: string) => matchesGlob(pattern, file);
  return changedFiles.some((file) =>
    !excludePaths.some(matches(file)) && (includePaths.length === 0 || includePaths.some(matches(file)))
  );
}
