/**
 * The one of the known words that somebody may have meant who typed another; undefined where none is within `longest` changes
 * of it.
 */
export function closestWord(
  typed: string,
  known: Iterable<string>,
  longest = Math.max(1, Math.floor(typed.length / 3)),
): string | undefined {
  const near = [...known]
    .map((word) => ({ word, distance: editDistance(typed.toLowerCase(), word.toLowerCase(), longest) }))
    .filter(({ distance }) => distance <= longest)
    .sort((one, other) => one.distance - other.distance);
  return near[0]?.word;
}

/** Letters to insert, leave out, replace or swap with their neighbour; more than `most` counts as infinite. */
function editDistance(from: string, to: string, most: number): number {
  if (Math.abs(from.length - to.length) > most) return Infinity;
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next.push(Math.min(
        (last[column] ?? Infinity) + 1,
        (next[column - 1] ?? Infinity) + 1,
        (last[column - 1] ?? Infinity) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? Infinity) + 1 : Infinity,
      ));
    }
    [before, last] = [last, next];
  }
  return last[to.length] ?? Infinity;
}
