import { plainText } from "../../shared/output/plain_text.ts";

/** What fits a terminal, and a pipeline's log, without being broken. */
const WIDTH = 100;
const GAP = 2;
/** A cell is not cut below so many characters. */
const LEAST = 8;

/** Lines of a table under its head, in columns of 100 characters in all: the widest give way, with a mark where they are cut. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [head, ...rows].map((row) => row.map(plainText));
  // As arguments of one call, a hundred thousand rows would be too many.
  const widths = head.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, letters(line[column]).length), 0)
  );
  for (let excess = total(widths) - WIDTH; excess > 0; excess--) {
    const widest = Math.max(...widths);
    if (widest <= LEAST) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return lines.map((line) =>
    line.map((cell, column) => fitted(cell, widths[column] ?? 0)).join(" ".repeat(GAP)).trimEnd()
  );
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1));
}

function fitted(cell: string, width: number): string {
  const all = letters(cell);
  return all.length <= width ? cell + " ".repeat(width - all.length) : `${all.slice(0, width - 1).join("")}…`;
}

function letters(cell = ""): string[] {
  return [...cell];
}
