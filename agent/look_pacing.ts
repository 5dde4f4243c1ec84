/**
 * When to ask Bitbucket for the pipeline next. Times are monotonic milliseconds. The gap between looks grows while
 * nothing happens; a step's end earns a look at once, as long as the allowance lasts, since then the
 * pipeline may be over and every second until that is known costs money.
 */
export interface LookPacing {
  readonly shortestMs: number;
  readonly nextAt: number;
  readonly gapMs: number;
  readonly lastAt: number;
  readonly allowance: number;
  readonly allowanceAt: number;
}

const GROWTH = 1.5;
/** The longest gap, in shortest gaps: a minute at the default interval of 10 s. */
const LONGEST_GAPS = 6;
/** Quick looks that may be saved up, and the time in shortest gaps that earns one: 24 an hour at the default. */
const MOST_QUICK_LOOKS = 5;
const GAPS_PER_QUICK_LOOK = 15;
/** Time for Bitbucket to carry a step's end over to its pipeline, and for the pipeline's next step to begin. */
const QUICK_LOOK_DELAY_MS = 1_500;

/** The pacing of a runner that comes online at a moment; the first look is due after the shortest gap. */
export function startPacing(shortestMs: number, at: number): LookPacing {
  return {
    shortestMs,
    nextAt: at + shortestMs,
    gapMs: shortestMs,
    lastAt: -Infinity,
    allowance: MOST_QUICK_LOOKS,
    allowanceAt: at,
  };
}

/** After a look that changed nothing; `stretch` is how much the request budget wants intervals lengthened. */
export function afterLook(pacing: LookPacing, at: number, stretch: number): LookPacing {
  const gapMs = Math.min(pacing.gapMs * GROWTH, pacing.shortestMs * LONGEST_GAPS);
  return { ...pacing, lastAt: at, nextAt: at + pacing.gapMs * stretch, gapMs };
}

/** After a step's end: soon if the allowance has a look left, and from short gaps again. */
export function afterStep(pacing: LookPacing, at: number): LookPacing {
  const earned = (at - pacing.allowanceAt) / (pacing.shortestMs * GAPS_PER_QUICK_LOOK);
  const allowance = Math.min(pacing.allowance + earned, MOST_QUICK_LOOKS);
  const quick = allowance >= 1;
  const soonest = Math.max(at + QUICK_LOOK_DELAY_MS, pacing.lastAt + pacing.shortestMs);
  return {
    ...pacing,
    nextAt: quick ? soonest : at + pacing.shortestMs * LONGEST_GAPS,
    gapMs: pacing.shortestMs,
    allowance: quick ? allowance - 1 : allowance,
    allowanceAt: at,
  };
}
