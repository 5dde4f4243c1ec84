const START = "<!-- bench:start -->";
const END = "<!-- bench:end -->";

/** The page with its figures replaced. Throws when the marks are missing or in the wrong order. */
export function withFigures(readme: string, lines: readonly string[]): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start < 0 || end < start) {
    throw new Error(`Cannot write figures: shared/README.md has no ${START} and ${END}`);
  }
  return `${readme.slice(0, start + START.length)}\n\n${lines.join("\n")}\n\n${readme.slice(end)}`;
}
