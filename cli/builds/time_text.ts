const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** A point in time by the milliseconds since 1970, as in `2026-11-29T12:00:00.000Z`; undefined for what no calendar has. */
export function isoTime(ms: number | undefined): string | undefined {
  const time = new Date(ms ?? NaN);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** A span of time in its largest unit, as in `45 s`, `12 min`, `3 h` and `2 d`. */
export function timeText(ms: number): string {
  const s = Math.max(Math.round(ms / 1000), 0);
  if (s < 2 * MINUTE_S) return `${s} s`;
  if (s < 2 * HOUR_S) return `${Math.floor(s / MINUTE_S)} min`;
  return s < 2 * DAY_S ? `${Math.floor(s / HOUR_S)} h` : `${Math.floor(s / DAY_S)} d`;
}
