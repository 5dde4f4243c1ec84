/** A step of a pipeline, as far as it is read. */
export interface SeenStep {
  readonly name?: string;
  readonly state?: {
    readonly name?: string;
    readonly result?: {
      readonly name?: string;
      readonly error?: { readonly key?: string; readonly message?: string };
    };
  };
}

/** Whether a runner works on it. */
export function isRunning({ state }: SeenStep): boolean {
  return state?.name === "IN_PROGRESS";
}

/** Whether it has a result, of whatever kind. */
export function isOver({ state }: SeenStep): boolean {
  return state?.name === "COMPLETED";
}

/** How a step ended, with the error's key: «ERROR», «runner.step.half-completed». */
export function resultOf({ state }: SeenStep): { readonly result: string; readonly error: string } {
  const { name = "", error } = state?.result ?? {};
  return { result: name, error: error?.key ?? error?.message ?? "" };
}

/**
 * Whether the template in a step's labels was filled in, told while the step beside it has the only runner that could
 * match: it waits for that runner, or has been served before; with a label that nobody has it fails at once.
 */
export function labelsFilled(template: SeenStep): boolean {
  return !isOver(template) || resultOf(template).result === "SUCCESSFUL";
}
