import { isHere, type Lifecycle } from "../life/lifecycle_state.ts";

/**
 * How the runners of a build share what they owe as one: the steps that strangers served for their pipeline, less those they
 * serve or have served for others, and less what those who know of a debt still owe. Each idle one that wants to know its share
 * gets one, as even as can be, so that as many stay as there may be steps at once; undefined for all others.
 */
export function debtShares(lives: readonly Lifecycle[], ranElsewhere: number): (number | undefined)[] {
  const forOthers = lives.map(servedForOthers).reduce((sum, count) => sum + count, 0);
  const known = lives.map(stillOwed).reduce((sum, count) => sum + count, 0);
  const debt = ranElsewhere - forOthers - known;
  const wanting = lives.filter(wantsShare);
  const share = (place: number) =>
    Math.floor(debt / wanting.length) + (place < debt % wanting.length ? 1 : 0);
  return lives.map((life) => wantsShare(life) ? Math.max(share(wanting.indexOf(life)), 0) : undefined);
}

/** Steps of other pipelines that a runner has served, and the one that it serves. */
export function servedForOthers(life: Lifecycle): number {
  const { pipelineUuid } = life.settings;
  const served = life.served.filter((step) => step.pipelineUuid !== pipelineUuid).length;
  return served + beingPaid(life);
}

/** What a runner knows that it owes, but for the step that it serves already. */
export function stillOwed(life: Lifecycle): number {
  if (!isHere(life) || life.pool.debt === undefined) return 0;
  return Math.max(life.pool.debt - beingPaid(life), 0);
}

function beingPaid(life: Lifecycle): number {
  if (!isHere(life) || life.work.kind !== "step") return 0;
  return life.work.step.pipelineUuid === life.settings.pipelineUuid ? 0 : 1;
}

function wantsShare(life: Lifecycle): boolean {
  return life.stage === "watching" && life.work.kind === "idle" && life.pool.over !== undefined &&
    life.pool.debt === undefined && life.pool.lingerUntil === undefined;
}
