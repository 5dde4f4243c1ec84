import { type Figure, isMet } from "./figure.ts";
import { type MachineClass, machineText } from "./machine_class.ts";
import { percentile } from "./percentile.ts";
import { reportTable } from "./report_table.ts";

/** What one run of the benchmark found. */
export interface Report {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: MachineClass;
  /** The machine's load averages when it began and when it ended, which includes its own load. */
  readonly load: { readonly before: readonly number[]; readonly after: readonly number[] };
  readonly figures: readonly Figure[];
}

/** The report in Markdown: where it comes from, the table, and how each figure was measured. */
export function reportLines({ date, machine, load, figures }: Report): string[] {
  return [
    `Measured on ${date.slice(0, 10)} by \`deno task bench\` on this class of machine: ${
      machineText(machine)
    };`,
    `its load average was ${(load.before[0] ?? NaN).toFixed(1)} when that began, and times grow with it.`,
    "The last column is an earlier shell tool of this kind, measured.",
    "",
    ...reportTable(figures),
    "",
    "How they were measured:",
    "",
    ...howLines(figures),
    "",
    "What a fault at any one call, or any interruption, leaves behind is answered by tests, those in `tests/e2e/`",
    "above all, and not measured here.",
  ];
}

/** Figures that were measured together share a line. */
function howLines(figures: readonly Figure[]): string[] {
  const byHow = Map.groupBy(figures, ({ how }) => how);
  return [...byHow].map(([how, together]) => `- ${together.map(({ name }) => name).join("; ")}: ${how}`);
}

/** The report for programs, with every single measurement. */
export function reportJson({ date, machine, load, figures }: Report): object {
  return {
    date,
    machine,
    load,
    figures: figures.map((figure) => ({
      ...figure,
      met: isMet(figure),
      p50: percentile(figure.values, 50),
      p95: percentile(figure.values, 95),
    })),
  };
}
