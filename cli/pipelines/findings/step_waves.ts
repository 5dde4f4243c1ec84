import type { PipelineItem, PipelineStep } from "../pipeline_model.ts";

/** Steps that begin together, and the manual step or stage before them. */
export interface Wave {
  readonly steps: readonly PipelineStep[];
  readonly gate: string | undefined;
}

/** A pipeline's steps in the order in which they begin; those of a group that wait for a person come after the others. */
export function stepWaves(items: readonly PipelineItem[]): Wave[] {
  return items.flatMap((item): Wave[] => {
    if (item.kind === "step" || item.kind === "final") {
      return [{ steps: [item.step], gate: gateOf(item.step) }];
    }
    if (item.kind === "stage") {
      const gate = item.trigger?.text === "manual" ? item.name ?? "stage" : undefined;
      return item.steps.map((step, index) => ({
        steps: [step],
        gate: gateOf(step) ?? (index === 0 ? gate : undefined),
      }));
    }
    const manual = item.steps.filter((step) => gateOf(step) !== undefined);
    const waves = [{ steps: item.steps.filter((step) => !manual.includes(step)), gate: undefined }];
    return manual[0] === undefined ? waves : [...waves, { steps: manual, gate: manual[0].name }];
  });
}

function gateOf({ trigger, name }: PipelineStep): string | undefined {
  return trigger?.text === "manual" ? name : undefined;
}
