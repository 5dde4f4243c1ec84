/** From so many characters on, a word may have two slips and still be recognized; a shorter one, one. */
const LONG_WORD = 6;
const SHORTEST_WORD = 3;

/** The known word that somebody has most likely meant: one or two slips away, or written with other dashes or capitals. */
export function closestWord(word: string, known: readonly string[]): string | undefined {
  const slips = (other: string) => plainForm(word) === plainForm(other) ? 0 : editDistance(word, other);
  const [best] = known.map((other) => ({ other, slips: slips(other) }))
    .filter(({ other, slips }) => slips <= slipsAllowed(Math.min(word.length, other.length)))
    .sort((a, b) => a.slips - b.slips);
  return best?.other;
}

function slipsAllowed(length: number): number {
  if (length >= LONG_WORD) return 2;
  return length >= SHORTEST_WORD ? 1 : 0;
}

function plainForm(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, "");
}

/** How many characters are added, left out, replaced or swapped with their neighbour; long words are told apart by length alone. */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 2) return Infinity;
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next.push(Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + same,
        swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
      ));
    }
    [before, last] = [last, next];
  }
  return last[to.length] ?? 0;
}
