import type { DoorForm, Doors } from "./findings.ts";

/** What is known of closing and opening so far, and whether the runner at hand is closed. */
export interface DoorKnowledge {
  readonly closed: boolean;
  readonly closing: Doors;
  readonly reopening: Doors;
}

export interface DoorMove {
  readonly action: "close" | "reopen";
  readonly form: DoorForm;
}

const FORMS = ["public", "state"] as const;

/**
 * What to try next on a runner. A form is tried once; where the runner is on the wrong side of the door for what is
 * left, a form known to work brings it over. Undefined when nothing is left that this runner can tell.
 */
export function nextDoorMove({ closed, closing, reopening }: DoorKnowledge): DoorMove | undefined {
  const [here, there] = closed ? [reopening, closing] : [closing, reopening];
  const action = closed ? "reopen" : "close";
  const untried = FORMS.find((form) => here[form] === undefined);
  if (untried !== undefined) return { action, form: untried };
  const works = FORMS.find((form) => here[form]);
  const leftThere = FORMS.some((form) => there[form] === undefined);
  return works !== undefined && leftThere ? { action, form: works } : undefined;
}

/** Whether a fresh runner, which is open, could still tell something. */
export function wantsFreshRunner({ closing }: Pick<DoorKnowledge, "closing">): boolean {
  return FORMS.some((form) => closing[form] === undefined);
}
