/** Codes of colours by the words that they belong to: red, yellow, cyan and green, and a time that is dim. */
const COLOURS: Readonly<Record<string, number>> = { error: 31, warning: 33, hint: 36, "Runner online": 32 };
const DIM = 2;

/** Words of the program's own, as they stand before a line's text, in the colours of a terminal. */
export function coloured(words: string): string {
  return words
    .replace(/\b(error|warning|hint|Runner online): /, (label, word) => painted(label, COLOURS[word] ?? DIM))
    .replace(/^\d\d:\d\d:\d\dZ /, (time) => painted(time, DIM));
}

function painted(text: string, code: number): string {
  return `\x1b[${code}m${text}\x1b[0m`;
}
