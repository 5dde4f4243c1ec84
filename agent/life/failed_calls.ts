import { DELIVERY_MS, idleWithoutBitbucket, MOST_ATTEMPTS } from "./leaving_rules.ts";
import { clearing, stopping } from "./last_stages.ts";
import { type Here, isHere, type Lifecycle, UNKNOWN_RESULT, type Unregistering } from "./lifecycle_state.ts";
import { afterLook } from "./look_pacing.ts";
import { othersLooked } from "./pool_events.ts";
import { handedOver, stepCompleted } from "./step_events.ts";

const RECHECK_MS = 30_000;
/** Nobody's step waits for the answers to these; Bitbucket may be back in a moment. */
const IDLE_RECHECK_MS = 5_000;
/** How long an idle runner stays because it cannot be closed. */
const LONGEST_OPEN_MS = 30 * 60_000;
const UNREGISTER_RETRY_MS = 5_000;

/** The calls have been retried by the client; here it is decided how to go on without their answer. */
export function callFailed(life: Lifecycle, action: string, at: number): Lifecycle {
  if (life.stage === "unregistering") return unregisteringFailed(life, at);
  if (!isHere(life)) return life;
  const failed: Here = { ...life, failures: life.failures + 1, pacing: afterLook(life.pacing, at, 1) };
  switch (action) {
    case "close":
      return closingFailed(failed, at);
    case "look at runner":
    case "look at step":
    case "look at own steps":
      return lookFailed(failed, at);
    case "look elsewhere":
      return { ...failed, pool: { ...failed.pool, debt: 1 } };
    case "look at others":
      return { ...othersLooked(failed, at), pool: { ...failed.pool, others: failed.pool.others ?? 1 } };
    default:
      return failed;
  }
}

/** Bitbucket has not refused: it may go on handing over steps, so an idle runner waits until it can be closed. */
function closingFailed(life: Here, at: number): Lifecycle {
  const door = { ...life.door, attempts: life.door.attempts + 1, at };
  if (life.stage !== "leaving" || life.work.kind !== "idle") return { ...life, door };
  const state = at >= life.since + LONGEST_OPEN_MS ? "refused" : life.door.state;
  return handedOver(life) ?? { ...life, door: { ...door, state }, nextLook: at + retryMs(life) };
}

/** Without Bitbucket's word a runner goes only when its other senses are sure enough. */
function lookFailed(life: Here, at: number): Lifecycle {
  const { work } = life;
  if (work.kind === "step" && at >= (work.quietSince ?? Infinity) + DELIVERY_MS && work.heardBy !== "words") {
    return stepCompleted(life, UNKNOWN_RESULT, at, true);
  }
  if (life.stage === "watching") return { ...life, owesLook: false, nextLook: at + RECHECK_MS };
  if (idleWithoutBitbucket(life, at)) return stopping(life);
  return handedOver(life) ?? { ...life, nextLook: at + retryMs(life) };
}

function retryMs({ work, failures }: Here): number {
  return work.kind === "idle" && failures < MOST_ATTEMPTS ? IDLE_RECHECK_MS : RECHECK_MS;
}

function unregisteringFailed(life: Unregistering, at: number): Lifecycle {
  const failures = life.failures + 1;
  if (failures < MOST_ATTEMPTS) return { ...life, failures, nextAttempt: at + UNREGISTER_RETRY_MS };
  return givenUp(life);
}

/** The registration stays: the next build of the project removes it. */
export function givenUp(life: Unregistering): Lifecycle {
  const fault = life.fault ?? "The runner could not be unregistered";
  return clearing({ ...life, fault }, false);
}
