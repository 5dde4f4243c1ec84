import { stopping } from "./last_stages.ts";
import { isBlind, overInWords, owes, settleMs, undelivered } from "./leaving_rules.ts";
import {
  type Here,
  isHere,
  type Leaving,
  type Lifecycle,
  type LifecycleEvent,
  type Pool,
} from "./lifecycle_state.ts";
import { afterLook, afterStep } from "./look_pacing.ts";
import { goingOn, leave } from "./step_events.ts";

type Seen<Type extends LifecycleEvent["type"]> = Extract<LifecycleEvent, { type: Type }>;

/** The pipeline was looked at. */
export function pipelineSeen(
  life: Here,
  { over, failedRun, stretch }: Seen<"pipeline seen">,
  at: number,
): Here {
  const gateLooks = over === "at a manual gate" ? life.pool.gateLooks + 1 : 0;
  const seen: Here = {
    ...life,
    failures: 0,
    pacing: afterLook(life.pacing, at, stretch),
    pool: { ...life.pool, gateLooks },
    ...(life.stage === "watching" && life.work.kind !== "step" ? { owesLook: isBlind(life) } : {}),
  };
  // What has begun since the look was asked for tells more than its answer.
  if (seen.work.kind === "step") return seen;
  // A gate is believed at the second look: between two steps a pipeline may look like one for a moment.
  if (over === undefined || (over === "at a manual gate" && gateLooks < 2)) {
    // Failed steps are run again, on another runner so far.
    if (seen.pool.lingerUntil === undefined) return seen;
    return lingered({ ...seen, pool: { ...goingOn(seen.pool), gateLooks } }, at);
  }
  // A pipeline that is over has no step of which Bitbucket does not know the result.
  const lastStepOver = seen.lastStepOver || seen.served.at(-1)?.pipelineUuid === seen.settings.pipelineUuid;
  const ended: Here = { ...seen, lastStepOver, pool: { ...seen.pool, over, overAt: at } };
  return seen.settings.lingerMs === 0 ? ended : lingering(ended, failedRun, at);
}

/** Our pipeline is over: where it has failed, and not by a run that is known already, its runner stays for the next one. */
function lingering(life: Here, failedRun: number | undefined, at: number): Here {
  const { settings, pool } = life;
  if (failedRun !== undefined && failedRun !== pool.failedRun) {
    return { ...life, pool: { ...pool, lingerUntil: at + settings.lingerMs, failedRun } };
  }
  if (pool.lingerUntil === undefined) return life;
  // Another runner of the build has asked, and nothing is new: the time is not over yet.
  if (failedRun !== undefined && at < pool.lingerUntil) return life;
  return lingered({ ...life, pool: { ...pool, lingerUntil: undefined } }, at);
}

/** The accounts are made up anew, and the idle timeout begins. */
function lingered(life: Here, at: number): Here {
  const { work, pool } = life;
  return {
    ...life,
    pool: { ...pool, others: undefined },
    work: work.kind === "idle" ? { ...work, since: at } : work,
  };
}

/** The pipeline may be over with the step that another runner of the build has served, as with one of our own. */
export function stepEndedBeside(life: Here, at: number): Here {
  if (life.work.kind === "step") return life;
  const { nextAt } = life.pacing;
  const pacing = afterStep(life.pacing, at);
  return { ...life, pacing: { ...pacing, nextAt: Math.min(pacing.nextAt, nextAt) } };
}

/** It was counted how many steps of our pipeline ran on something other than our runner. */
export function elsewhereSeen(life: Here, { ranElsewhere }: Seen<"elsewhere seen">, at: number): Here {
  // Our pipeline goes on after all: it is counted again when it is over.
  if (life.pool.over === undefined) return life;
  const forOthers = life.served.filter((step) => step.pipelineUuid !== life.settings.pipelineUuid).length;
  const settled: Here = { ...life, pool: { ...life.pool, debt: ranElsewhere - forOthers } };
  return owes(settled.pool) || life.work.kind !== "idle"
    ? settled
    : leave(settled, `the pipeline ${overInWords(life.pool)}`, at);
}

/** All unfinished pipelines were looked at. */
export function othersSeen(life: Here, event: Seen<"others seen">, at: number): Lifecycle {
  const pool: Pool = { ...life.pool, others: event.unfinished, ownEnded: event.ownEnded };
  const seen: Here = { ...othersLooked(life, at), pool, pacing: afterLook(life.pacing, at, event.stretch) };
  if (seen.stage === "leaving") {
    if (settleMs(seen) > 0 || seen.work.kind !== "idle") return seen;
    // Nobody was left before it was closed and seen idle, nor is after that.
    const sure = life.pool.others === 0 && seen.door.state === "closed" && at < seen.nextLook &&
      seen.contradictions === 0 && undelivered(seen) === undefined;
    return sure ? stopping(seen) : { ...seen, nextLook: at };
  }
  if (life.work.kind !== "idle" || owes(pool)) return seen;
  return leave(seen, `the pipeline ${overInWords(pool)}, and no other pipeline is waiting`, at);
}

/** All pipelines were to be looked at, with or without an answer: the next time comes later. */
export function othersLooked<L extends Here>(life: L, at: number): L {
  if (life.stage !== "leaving") return life;
  const { othersGapMs }: Leaving = life;
  return { ...life, nextOthersLook: at + othersGapMs, othersGapMs: othersGapMs * 2 };
}

/** For events that mean nothing to a runner that is being stopped or is gone. */
export function whileHere(life: Lifecycle, then: (here: Here) => Lifecycle): Lifecycle {
  return isHere(life) ? then(life) : life;
}
