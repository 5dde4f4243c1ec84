/** Stands for nothing itself: a path that is resolved would lose these, and with them the folder they are to be in. */
const DOTS = /^\.{0,2}$/;

/** A value as one part of a URL's path or query, whatever it holds; dots alone, or nothing, make a part that names nothing. */
export function urlPart(value: string): string {
  if (DOTS.test(value)) return `%25${value.replaceAll(".", "2E")}`;
  return encodeURIComponent(value.toWellFormed());
}
