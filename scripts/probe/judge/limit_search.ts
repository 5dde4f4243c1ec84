/** How a limit is looked for: up to what, and where it is likely to be. */
export interface LimitSearch {
  readonly most: number;
  /** Tried first, in this order. */
  readonly likely: readonly number[];
}

/** The largest number taken so far, and the smallest refused; null when none was. */
export interface Limit {
  readonly taken: number;
  readonly refused: number | null;
}

/** Bitbucket's front-end of 2021 validates 50 characters. */
export const NAME_LENGTHS: LimitSearch = { most: 128, likely: [51, 50, 128, 63, 64] };

/** Atlassian's own autoscaler knows 100 entries as the most. */
export const PAGE_LENGTHS: LimitSearch = { most: 1000, likely: [100, 101, 1000, 50, 51] };

/** The next number to try; undefined when nothing is left to find out. */
export function nextToTry({ most, likely }: LimitSearch, { taken, refused }: Limit): number | undefined {
  const end = refused ?? most + 1;
  if (end - taken <= 1) return undefined;
  return likely.find((number) => number > taken && number < end) ?? Math.floor((taken + end) / 2);
}
