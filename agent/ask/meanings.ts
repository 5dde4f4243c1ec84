import { isHere, type Lifecycle, type LifecycleEvent, type RunnerView } from "../life/lifecycle_state.ts";
import type { Action } from "../life/next_action.ts";
import { debtShares, servedForOthers } from "./debt_shares.ts";
import type { Meaning, Member } from "./team.ts";

/** Under which name the runners of a build share what one of them asks for; undefined for what it asks by itself. */
export function sharedLook(action: Action, { life }: Member, runners: number): string | undefined {
  switch (action.type) {
    case "look at pipeline":
    case "look elsewhere":
    case "look at others":
      return action.type;
    case "look at runner":
      return runners > 1 && isServing(life) ? action.type : undefined;
    default:
      return undefined;
  }
}

/**
 * Of the pipeline all are told who stay and do not know that it is over, or wait for it to be run again: one that leaves goes by
 * its own step's end.
 */
export function pipelineMeaning(event: LifecycleEvent): Meaning {
  return ({ life }) =>
    life.stage === "watching" && (life.pool.over === undefined || isLingering(life)) ? event : undefined;
}

/**
 * Of other pipelines all are told who know what they owe, and those who leave and were closed before the look was asked for:
 * they want to know whether somebody can have handed them a step until then.
 */
export function othersMeaning(event: LifecycleEvent, askedMs: number): Meaning {
  return ({ life }) => isCounting(life) || isClosedSince(life, askedMs) ? event : undefined;
}

/** What the build's runners have served counts as one, and what is owed for the rest is shared. */
export function elsewhereMeaning(members: readonly Member[], ranElsewhere: number): Meaning {
  const shares = debtShares(members.map(({ life }) => life), ranElsewhere);
  return (member) => {
    const share = shares[members.indexOf(member)];
    if (share === undefined) return undefined;
    return { type: "elsewhere seen", ranElsewhere: share + servedForOthers(member.life) };
  };
}

/** Each that is at work is told how Bitbucket shows it; a look that was asked for before a step began says nothing of it. */
export function runnersMeaning(seen: (uuid: string) => RunnerView | undefined, askedMs: number): Meaning {
  return ({ uuid, life }) => {
    if (!isServing(life) || !isHere(life) || life.work.kind !== "step" || life.work.since > askedMs) {
      return undefined;
    }
    const runner = seen(uuid);
    return runner === undefined ? undefined : { type: "runner seen", runner };
  };
}

/** What the others are told without anybody's asking: Bitbucket's ways are the same for all, and a step's end may be the pipeline's. */
export function newsForOthers(before: Lifecycle, after: Lifecycle): LifecycleEvent[] {
  const news: LifecycleEvent[] = [];
  if (isHere(before) && isHere(after)) {
    const [{ shows: old }, { shows }] = [before, after];
    if (old.open !== shows.open || old.closed !== shows.closed) news.push({ type: "ways shown", shows });
  }
  const over = after.served.at(-1);
  if (over !== before.served.at(-1) && over?.pipelineUuid === after.settings.pipelineUuid) {
    news.push({ type: "step ended beside" });
  }
  return news;
}

function isClosedSince(life: Lifecycle, atMs: number): boolean {
  return life.stage === "leaving" && life.door.state !== "open" && life.door.at <= atMs;
}

function isCounting(life: Lifecycle): boolean {
  return life.stage === "watching" && life.pool.over !== undefined && life.pool.debt !== undefined &&
    !isLingering(life);
}

function isLingering(life: Lifecycle): boolean {
  return isHere(life) && life.pool.lingerUntil !== undefined;
}

/** Whether its words tell of a step, so that a look only reconciles. */
function isServing(life: Lifecycle): boolean {
  return isHere(life) && life.work.kind === "step" && life.work.heardBy === "words";
}
