import { PRICES } from "../../shared/aws/prices.ts";
import type { CostGroup, CostSum } from "./build_cost.ts";
import { textTable } from "../builds/text_table.ts";

/** How long a runner waited for a step stands in no record of CodeBuild's, and is not guessed. */
const IDLE_NOT_KNOWN =
  "Idle share: not known; CodeBuild's records do not tell a runner that waits from one that works. The end of each build's " +
  "log does";

/** The sums as a table for people, with the total at its end. */
export function costTable(sums: readonly CostSum[], total: CostSum, by: CostGroup): string[] {
  const head = [by.toUpperCase(), "BUILDS", "MINUTES", "COST", "OUTSIDE BUILD"];
  return textTable(head, [...sums, total].map(row));
}

/** What the reader has to know of the figures. */
export function costNotes(total: CostSum, region: string): string[] {
  const elsewhere = region === PRICES.region ? "" : `; those of ${region} may differ`;
  return [
    `List prices of ${PRICES.region} as of ${PRICES.asOf}${elsewhere}; before taxes, discounts and free minutes`,
    ...(total.certain ? [] : ["Sums with ~ have prices in them that are not from AWS's own page"]),
    ...[...total.unpriced].map(([machine, minutes]) => unpriced(machine.trim(), minutes)),
    ...(total.running === 0 ? [] : [`${total.running} of the builds still run; counted until now`]),
    IDLE_NOT_KNOWN,
  ];
}

function unpriced(machine: string, minutes: number): string {
  return machine.startsWith("fleet ")
    ? `F${
      machine.slice(1)
    } is paid for as long as it has machines, whether they build or not: ${minutes} min are counted in minutes only`
    : `No price is known for ${machine || "an unknown machine"}: ${minutes} min are counted in minutes only`;
}

/** What `cost --json` shows. */
export function costObject(
  sums: readonly CostSum[],
  total: CostSum,
  about: { readonly by: CostGroup; readonly since: string; readonly region: string },
) {
  return {
    ...about,
    prices: PRICES,
    groups: sums.map(plain),
    total: plain(total),
  };
}

function plain({ group, builds, running, minutes, dollars, certain, unpriced, overheadShare }: CostSum) {
  return {
    group,
    builds,
    running,
    minutes,
    dollars: rounded(dollars, 4),
    certain,
    unpricedMinutes: Object.fromEntries(unpriced),
    overheadShare: overheadShare === undefined ? null : rounded(overheadShare, 3),
    // Not known, see IDLE_NOT_KNOWN.
    idleShare: null,
  };
}

function row({ group, builds, minutes, dollars, certain, unpriced, overheadShare }: CostSum): string[] {
  const money = `${certain ? "" : "~"}$${dollars.toFixed(2)}`;
  const whole = [...unpriced.values()].reduce((sum, part) => sum + part, 0);
  const cost = whole === 0 ? money : whole === minutes ? "not known" : `${money} + ${whole} min`;
  const overhead = overheadShare === undefined ? "-" : `${Math.round(overheadShare * 100)} %`;
  return [group, String(builds), String(minutes), cost, overhead];
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
