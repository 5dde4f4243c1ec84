import { messageOf } from "../program/errors.ts";
import { type LeftoverRemoval, removeLeftovers } from "./leftovers.ts";

/** The removal of what dead builds of the project left, on its way beside something else. */
export interface Sweep {
  /**
   * Gives it so many milliseconds more, then breaks it off; whether some are left that another look may remove. Never
   * rejects.
   */
  end(graceMs: number): Promise<boolean>;
  /** Resolves once it is over; never rejects. */
  readonly done: Promise<unknown>;
}

/** Begins to remove leftovers, until they are gone, the signal aborts or somebody ends it. */
export function beginSweep(removal: LeftoverRemoval & { readonly signal: AbortSignal }): Sweep {
  const breakOff = new AbortController();
  const signal = AbortSignal.any([removal.signal, breakOff.signal]);
  const swept = sweepQuietly({ ...removal, signal });
  return {
    done: swept,
    async end(graceMs) {
      const over = new AbortController();
      const late = removal.host.sleep(graceMs, over.signal).then(() => breakOff.abort(), () => {});
      const doubtful = await swept;
      over.abort();
      await late;
      return doubtful;
    },
  };
}

/** Whether some are left. Never the reason for a failure: what it misses, the next build finds. */
async function sweepQuietly(
  removal: LeftoverRemoval & { readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    return (await removeLeftovers(removal)).kept.length > 0;
  } catch (error) {
    const reason = removal.signal.aborted ? "there was no time" : messageOf(error);
    removal.log.warning(`Leftovers of earlier builds were not all removed: ${reason}`);
    return true;
  }
}
