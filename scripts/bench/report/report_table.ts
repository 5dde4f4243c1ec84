import { budgetText, type Figure, isMet, measuredText } from "./figure.ts";

const HEADINGS = ["Figure", "Measured", "Budget", "Met", "Shell tool"];

/** The figures as lines of a Markdown table whose columns line up, so that it can be read on a terminal too. */
export function reportTable(figures: readonly Figure[]): string[] {
  const rows = figures.map((figure) => [
    figure.name,
    measuredText(figure),
    budgetText(figure),
    metText(figure),
    figure.shellTool ?? "",
  ]);
  const widths = HEADINGS.map((_, column) =>
    Math.max(...[HEADINGS, ...rows].map((row) => row[column]?.length ?? 0))
  );
  return [
    tableLine(HEADINGS, widths),
    tableLine(widths.map((width) => "-".repeat(width)), widths),
    ...rows.map((row) => tableLine(row, widths)),
  ];
}

function metText(figure: Figure): string {
  const met = isMet(figure);
  return met === undefined ? "" : met ? "yes" : "no";
}

function tableLine(cells: readonly string[], widths: readonly number[]): string {
  return `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
}
