import type { Here, Leaving, Pool, ServedStep } from "./lifecycle_state.ts";

/** Whether the owed step is the last thing that keeps the runner. */
export function owes({ over, debt, others }: Pool): boolean {
  return over !== undefined && (debt ?? 0) > 0 && others !== 0;
}

/** Atlassian's runner asks for steps every 30 s; a step given to it just before it was closed shows by then. */
export const SETTLE_MS = 31_000;
/** How long a runner that has told of its step's end may take to tell Bitbucket, when nobody can ask there. */
export const DELIVERY_MS = 10 * 60_000;
/** How often a close is tried again when it fails or does not last, and how many failed calls are put up with. */
export const MOST_ATTEMPTS = 3;

/** How long to listen after the closing, where no look at Bitbucket can tell whether a step is under way. */
export function settleMs(life: Pick<Here, "door" | "shows" | "pool">): number {
  const { others, ownEnded, over } = life.pool;
  const nobodyAssigns = others === 0 && (ownEnded || over === "ended");
  return showsStep(life) === true || life.door.whileBusy || nobodyAssigns ? 0 : SETTLE_MS;
}

/** Whether Bitbucket shows the step of a runner whose door is as this one's is; undefined until that was seen. */
export function showsStep({ door, shows }: Pick<Here, "door" | "shows">): boolean | undefined {
  return door.state === "closed" ? shows.closed : shows.open;
}

/** The step that Bitbucket is to be asked after before the runner may go: its result may still be on its way there. */
export function undelivered(life: Here): ServedStep | undefined {
  return life.lastStepOver ? undefined : life.served.at(-1);
}

/**
 * Whether a runner that seems idle may go although Bitbucket cannot be asked: a step given before the closing would
 * have shown by now, either in words that are understood or in what the runner has running.
 */
export function idleWithoutBitbucket(life: Leaving, at: number): boolean {
  if (life.failures < MOST_ATTEMPTS || life.work.kind !== "idle" || life.door.state === "open") return false;
  if (isBlind(life)) return false;
  const idleMs = undelivered(life) === undefined ? SETTLE_MS : DELIVERY_MS;
  return at >= life.door.at + SETTLE_MS && at >= life.work.since + idleMs;
}

/** Whether nothing but Bitbucket can tell what the runner does: it may speak of being online, and not of steps. */
export function isBlind({ hands, words }: Pick<Here, "hands" | "words">): boolean {
  return hands === "unknown" && words !== "steps";
}

/** How our pipeline came to its end, for messages. */
export function overInWords({ over }: Pool): string {
  return over === "ended" ? "has ended" : "waits at a manual gate";
}
