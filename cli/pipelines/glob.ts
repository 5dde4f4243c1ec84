/**
 * Whether a name matches a pattern as bitbucket-pipelines.yml has them for branches, tags and files: `*` and `?` stay within a
 * folder, `**` does not. Takes time that grows with both lengths alone, whatever the pattern. Source: «Use glob patterns on the
 * Pipelines yaml file» of Atlassian's documentation.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  const letters = [...name];
  return placesAfter(pattern, letters, new Set([0])).has(letters.length);
}

const PARTS = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|\[!?[^[\]/]+\]|\\.|./gsu;

/** Where in the name what follows the pattern may begin, if that itself may begin at these places. */
function placesAfter(pattern: string, name: readonly string[], places: ReadonlySet<number>): Set<number> {
  return (pattern.match(PARTS) ?? []).reduce((from, part) => step(part, name, from), new Set(places));
}

function step(part: string, name: readonly string[], from: ReadonlySet<number>): Set<number> {
  if (part === "**" || part === "*") return extended(name, from, part === "*");
  if (part === "**/") {
    const folders = [...extended(name, from, false)].filter((place) => name[place - 1] === "/");
    return new Set([...from, ...folders.filter((place) => !from.has(place))]);
  }
  if (part.length > 1 && part.startsWith("{")) {
    return new Set(part.slice(1, -1).split(",").flatMap((one) => [...placesAfter(one, name, from)]));
  }
  const next = [...from].filter((place) => place < name.length && fits(part, name[place] ?? ""));
  return new Set(next.map((place) => place + 1));
}

/** These places and all behind them, or those behind them in the same folder. */
function extended(name: readonly string[], from: ReadonlySet<number>, inFolder: boolean): Set<number> {
  const places = new Set<number>();
  let open = false;
  for (let place = 0; place <= name.length; place++) {
    if (inFolder && name[place - 1] === "/") open = false;
    open ||= from.has(place);
    if (open) places.add(place);
  }
  return places;
}

/** Whether a part that stands for one letter stands for this one. */
function fits(part: string, letter: string): boolean {
  if (part === "?") return letter !== "/";
  if (part.length > 2 && part.startsWith("[")) return isListed([...part.slice(1, -1)], letter);
  return letter === (part.length > 1 && part.startsWith("\\") ? part.slice(1) : part);
}

/** With a hyphen between two letters for all from one to the other; a range that is none makes the list stand for nothing. */
function isListed(list: readonly string[], letter: string): boolean {
  const negated = list.length > 1 && list[0] === "!";
  let found = negated && letter === "/";
  for (let at = negated ? 1 : 0; at < list.length; at++) {
    const first = list[at] ?? "";
    const isRange = list[at + 1] === "-" && at + 2 < list.length;
    const last = isRange ? list[at + 2] ?? "" : first;
    if (isRange) at += 2;
    if (codeOf(first) > codeOf(last)) return false;
    found ||= codeOf(first) <= codeOf(letter) && codeOf(letter) <= codeOf(last);
  }
  return found !== negated;
}

function codeOf(letter: string): number {
  return letter.codePointAt(0) ?? -1;
}
