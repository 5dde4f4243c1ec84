import {
  type Here,
  type Leaving,
  type Pool,
  type ServedStep,
  type StepAtWork,
  type Suspected,
  UNKNOWN_RESULT,
  type Work,
} from "./lifecycle_state.ts";

/** Whether the owed step is the last thing that keeps the runner. */
export function owes({ over, debt, others }: Pool): boolean {
  return over !== undefined && (debt ?? 0) > 0 && others !== 0;
}

/** Atlassian's runner asks for steps every 30 s; a step given to it just before it was closed shows by then. */
export const SETTLE_MS = 31_000;
/** How long a runner that has told of its step's end may take to tell Bitbucket, when nobody can ask there. */
export const DELIVERY_MS = 10 * 60_000;
/** How long a runner whose words say nothing may have nothing running between two parts of a step, when nobody can ask. */
export const SETTLE_UNASKED_MS = 2 * 60_000;
/**
 * A runner speaks of a step's end when it begins to send the result, which takes some tenths of a second as a rule: one
 * that is stopped before it has arrived turns a good step into a failed one.
 */
const SENDING_MS = 5_000;
/** How long senses that contradict each other keep a runner. */
export const LONGEST_DISAGREEMENT_MS = 30 * 60_000;
/** The same where neither words nor Bitbucket tell what it does: no less than a step may take. */
const LONGEST_STEP_MS = 24 * 60 * 60_000;
/** How often a close is tried again when it fails or does not last, and how many failed calls are put up with. */
export const MOST_ATTEMPTS = 3;

/** How long to listen after the closing, where no look at Bitbucket can tell whether a step is under way. */
export function settleMs(life: Pick<Here, "door" | "shows" | "pool">): number {
  // That ours was over before does not count: it may have been run again.
  const nobodyAssigns = life.pool.others === 0 && life.pool.ownEnded;
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

/** Whether no step may follow this one: its pipeline is not ours, or only guessed to be. */
export function servesStrangers(
  { settings }: Pick<Here, "settings">,
  { step, heardBy }: StepAtWork,
): boolean {
  return settings.ownPipelineOnly && (step.pipelineUuid !== settings.pipelineUuid || heardBy === "guess");
}

/** A stopped step is somebody's wish, and what is not known is held against nobody. */
const NOT_FAILED: ReadonlySet<string> = new Set(["PASSED", "SUCCESSFUL", "STOPPED", UNKNOWN_RESULT]);

/** Whether a step has failed by a result in the runner's words or in Bitbucket's. */
export function hasFailed(result: string): boolean {
  return !NOT_FAILED.has(result);
}

/** Whether a step has passed by a result in the runner's words or in Bitbucket's. */
export function hasPassed(result: string): boolean {
  return result === "PASSED" || result === "SUCCESSFUL";
}

/**
 * Whether a single-step runner stays after a step all the same, since it is to linger: its pipeline's may be run again, or is
 * still to come, where it has served another's. Without Bitbucket's word only a failure that it has served itself is known.
 */
export function staysOn(
  { settings, pool }: Pick<Here, "settings" | "pool">,
  { pipelineUuid, result }: Pick<ServedStep, "pipelineUuid" | "result">,
  at: number,
): boolean {
  if (settings.lingerMs === 0) return false;
  if (settings.bitbucket === "never") return at < (pool.lingerUntil ?? -Infinity);
  return pipelineUuid !== settings.pipelineUuid || !hasPassed(result);
}

/** When a runner goes that leaves and seems idle, if Bitbucket is not asked. */
export function settledUnasked(
  life: Pick<Here, "hands" | "words">,
  work: Extract<Work, { kind: "idle" }>,
): number {
  return isDumb(life) ? work.since + LONGEST_STEP_MS : Math.max(work.since + SENDING_MS, work.settledAt ?? 0);
}

/** When a runner that waits for a step has waited long enough, if Bitbucket is not asked. */
export function idleEndUnasked(
  life: Pick<Here, "hands" | "words" | "settings" | "pool">,
  idleSince: number,
): number {
  const { settings: { idleTimeoutMs, mode }, pool: { lingerUntil } } = life;
  // But for the linger it would have gone.
  if (lingerUntil !== undefined && mode === "single-step") return lingerUntil;
  const idleEnd = idleSince + (isDumb(life) ? Math.max(idleTimeoutMs, LONGEST_STEP_MS) : idleTimeoutMs);
  return Math.max(idleEnd, lingerUntil ?? -Infinity);
}

/** When what a runner has running is no step's any more, if words and Bitbucket do not tell of one. */
export function suspicionEnd(
  { words, settings }: Pick<Here, "words" | "settings">,
  { since }: Suspected,
): number {
  const canTell = settings.bitbucket === "asked" || words === "steps";
  return since + (canTell ? LONGEST_DISAGREEMENT_MS : LONGEST_STEP_MS);
}

/** Whether neither of the runner's own senses tells anything. */
function isDumb({ hands, words }: Pick<Here, "hands" | "words">): boolean {
  return hands === "unknown" && words === "none";
}

/** How our pipeline came to its end, for messages. */
export function overInWords({ over }: Pool): string {
  return over === "ended" ? "has ended" : "waits at a manual gate";
}
