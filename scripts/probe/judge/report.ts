import type { Fact } from "./fact_table.ts";

const HEADINGS = ["Fact", "Expected", "Seen"] as const;
const MARKS: Readonly<Record<Fact["verdict"], string>> = {
  "as expected": " ",
  "other": "!",
  "not told": "?",
};

/** The facts as a table for people; `!` marks what differs from the expectation, `?` what was not told. */
export function factTable(facts: readonly Fact[]): string {
  const rows = [
    [" ", ...HEADINGS],
    ...facts.map(({ name, expected, seen, verdict }) => [
      MARKS[verdict],
      name,
      expected,
      verdict === "not told" ? "not told" : seen,
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((row) => `${line(row).trimEnd()}\n`).join("");
}
