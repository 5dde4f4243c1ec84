import type { Lifecycle } from "./lifecycle_state.ts";

/** Whether the owed step is the last thing that keeps the runner. */
export function owes(life: Lifecycle): boolean {
  return life.over !== undefined && (life.debt ?? 0) > 0 && life.others !== 0;
}

/** Atlassian's runner asks for steps every 30 s; a step given to it just before it was closed shows by then. */
const SETTLE_MS = 31_000;

/** How long to listen after the closing, where no look at Bitbucket can tell whether a step is under way. */
export function settleMs(life: Lifecycle): number {
  const nobodyAssigns = life.others === 0 && (life.ownEnded || life.over === "ended");
  return life.hurry || life.showsStep === true || life.closedWhileBusy || nobodyAssigns ? 0 : SETTLE_MS;
}

/** How our pipeline came to its end, for messages. */
export function overInWords(life: Lifecycle): string {
  return life.over === "ended" ? "has ended" : "waits at a manual gate";
}
