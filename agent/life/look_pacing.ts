/**
 * When to ask Bitbucket for the pipeline next. Times are monotonic milliseconds. The gap between looks grows while
 * nothing happens, and is short again after a step's end, since then the pipeline may be over and every second until
 * that is known costs money. All looks but the slowest draw on an allowance, so that many short steps cost no more
 * requests than few long ones.
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
/** Looks that may be saved up, and the time in shortest gaps that earns one: 18 an hour at the default. */
const MOST_ALLOWED = 8;
const GAPS_PER_LOOK = 20;
/** Time for Bitbucket to carry a step's end over to its pipeline, and for the pipeline's next step to begin. */
const QUICK_LOOK_DELAY_MS = 1_500;

/** The pacing of a runner that comes online at a moment; the first look is due after the shortest gap. */
export function startPacing(shortestMs: number, at: number): LookPacing {
  return {
    shortestMs,
    nextAt: at + shortestMs,
    gapMs: shortestMs,
    lastAt: -Infinity,
    allowance: MOST_ALLOWED,
    allowanceAt: at,
  };
}

/** After a look that changed nothing; `stretch` is how much the request budget wants intervals lengthened. */
export function afterLook(pacing: LookPacing, at: number, stretch: number): LookPacing {
  const left = Math.max(allowanceAt(pacing, at) - 1, 0);
  const longestMs = pacing.shortestMs * LONGEST_GAPS;
  const gapMs = left < 1 ? longestMs : pacing.gapMs;
  return {
    ...pacing,
    lastAt: at,
    nextAt: at + gapMs * stretch,
    gapMs: Math.min(gapMs * GROWTH, longestMs),
    allowance: left,
    allowanceAt: at,
  };
}

/** After a step's end: soon if the allowance has a look left, and from short gaps again. */
export function afterStep(pacing: LookPacing, at: number): LookPacing {
  const soonest = Math.max(at + QUICK_LOOK_DELAY_MS, pacing.lastAt + pacing.shortestMs);
  const quick = allowanceAt(pacing, at) >= 1;
  return {
    ...pacing,
    nextAt: quick ? soonest : at + pacing.shortestMs * LONGEST_GAPS,
    gapMs: pacing.shortestMs,
  };
}

function allowanceAt(pacing: LookPacing, at: number): number {
  const earned = (at - pacing.allowanceAt) / (pacing.shortestMs * GAPS_PER_LOOK);
  return Math.min(pacing.allowance + earned, MOST_ALLOWED);
}
