import { percentile } from "./percentile.ts";

export type Unit = "s" | "MB" | "requests" | "builds" | "% of a core" | "a minute";

/** One row of the benchmark: what was measured, how, and what it may be. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  /** Every single measurement, in the order in which it was taken. */
  readonly values: readonly number[];
  /** Undefined for a figure that has no budget. */
  readonly budget: Budget | undefined;
  /** How it was measured, with all that is not as in real life. */
  readonly how: string;
  /** What a shell tool of the same kind, measured earlier, needs. */
  readonly shellTool?: string;
}

/** `judged` says which value the limit is for. */
export interface Budget {
  readonly limit: number;
  readonly judged: "p95" | "highest" | "lowest";
}

/** Whether a figure keeps its budget; undefined when it has none. */
export function isMet({ values, budget }: Pick<Figure, "values" | "budget">): boolean | undefined {
  if (budget === undefined) return undefined;
  const { limit, judged } = budget;
  if (values.length === 0) return false;
  if (judged === "lowest") return Math.min(...values) >= limit;
  return (judged === "p95" ? percentile(values, 95) : Math.max(...values)) <= limit;
}

/** The measurements in one phrase, as in «p50 0.31 s, p95 0.40 s, 12 times». */
export function measuredText({ values, unit }: Pick<Figure, "values" | "unit">): string {
  if (values.length === 0) return "not measured";
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (unit === "s") {
    const [p50, p95] = [percentile(values, 50), percentile(values, 95)];
    return `p50 ${p50.toFixed(2)} s, p95 ${p95.toFixed(2)} s, ${times(values.length)}`;
  }
  const digits = unit === "% of a core" ? 2 : 0;
  const [least, most] = [low.toFixed(digits), high.toFixed(digits)];
  return least === most ? `${most} ${unit}` : `${least} to ${most} ${unit}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** The budget in one phrase, as in «≤ 12 requests». */
export function budgetText({ budget, unit }: Pick<Figure, "budget" | "unit">): string {
  if (budget === undefined) return "";
  return `${budget.judged === "lowest" ? "≥" : "≤"} ${budget.limit} ${unit}`;
}
