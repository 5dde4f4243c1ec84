import type { RunnerEvent } from "../life/runner_log.ts";

/**
 * The least of what was heard that tells a later phase as much as all of it: that words are understood, the last step that
 * is over, and the one at work. At most four events.
 */
export function heardSoFar(before: readonly RunnerEvent[], event: RunnerEvent): readonly RunnerEvent[] {
  const anything = before.slice(0, 1).filter((one) => !tellsOfStep(one));
  const steps = before.filter(tellsOfStep);
  const atWork = steps.at(-1)?.type === "step started" ? steps.slice(-1) : [];
  const over = steps.slice(0, steps.length - atWork.length);
  switch (event.type) {
    case "step started":
      return [...anything, ...over, event];
    case "step completed":
      return atWork.length === 0 && over.length > 0
        ? saidAgain(before, event)
        : [...anything, ...atWork, event];
    default:
      return before.length > 0 ? before : [event];
  }
}

/** Of two words on one step the worse one counts, as in `stepCompleted()`. */
function saidAgain(before: readonly RunnerEvent[], event: RunnerEvent): readonly RunnerEvent[] {
  const last = before.at(-1);
  const wasGood = last?.type === "step completed" && last.result === "PASSED";
  return wasGood ? [...before.slice(0, -1), event] : before;
}

function tellsOfStep({ type }: RunnerEvent): boolean {
  return type === "step started" || type === "step completed";
}
