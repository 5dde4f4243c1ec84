import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import { listPrice, type Price } from "../../shared/aws/prices.ts";
import { buildRecord } from "../builds/build_record.ts";
import { isoTime } from "../builds/time_text.ts";

/** What the builds of a sum have in common. */
export const COST_GROUPS = ["repository", "pipeline", "day"] as const;
export type CostGroup = typeof COST_GROUPS[number];

/** What builds have cost together. */
export interface CostSum {
  readonly group: string;
  readonly builds: number;
  readonly running: number;
  /** As AWS counts them: each build's, rounded up. */
  readonly minutes: number;
  /** By the list; of those minutes alone whose price is known. */
  readonly dollars: number;
  /** Whether AWS itself was the source of every price in it. */
  readonly certain: boolean;
  /** Minutes on machines whose price nobody knows, by machine. */
  readonly unpriced: ReadonlyMap<string, number>;
  /** Of the seconds that were paid for, those outside phase BUILD: provisioning, installing, cleaning up. */
  readonly overheadShare: number | undefined;
}

/** What one build has cost, and what it counts for. */
export interface BilledBuild {
  readonly groups: Readonly<Record<CostGroup, string>>;
  readonly running: boolean;
  readonly minutes: number;
  readonly price: Price | undefined;
  readonly machine: string;
  /** In milliseconds; of these, in phase BUILD. */
  readonly paidMs: number;
  readonly buildMs: number;
}

/** What a build is billed for: from provisioning to its end, or until `nowMs`; one that never left the queue is not. */
export function billedBuild(build: KnownBuild, nowMs: number): BilledBuild {
  const { type: environmentType = "", computeType = "", fleet } = build.environment ?? {};
  const fleetName = fleet?.fleetArn?.split(/[/:]/).at(-2);
  const running = !hasEnded(build);
  const endMs = running ? nowMs : build.endTime?.getTime() ?? nowMs;
  const [begin] = phaseTimes(build, "PROVISIONING", endMs);
  const paidMs = begin === undefined ? 0 : Math.max(endMs - begin, 0);
  const [from, to] = phaseTimes(build, "BUILD", endMs);
  return {
    groups: groupsOf(build),
    running,
    minutes: Math.ceil(paidMs / 60_000),
    price: fleetName === undefined ? listPrice({ environmentType, computeType }) : undefined,
    machine: fleetName === undefined ? `${environmentType} ${computeType}` : `fleet ${fleetName}`,
    paidMs,
    buildMs: from === undefined || to === undefined ? 0 : to - from,
  };
}

/** Sums builds up by what they have in common: the dearest first, days in their order. */
export function costOf(builds: readonly BilledBuild[], by: CostGroup): CostSum[] {
  const groups = Map.groupBy(builds, (build) => build.groups[by]);
  const sums = [...groups].map(([group, costs]) => sumUp(group, costs));
  return by === "day"
    ? sums.sort((one, other) => one.group.localeCompare(other.group))
    : sums.sort((one, other) => other.dollars - one.dollars || other.minutes - one.minutes);
}

/** The same for all builds together. */
export function costOfAll(builds: readonly BilledBuild[]): CostSum {
  return sumUp("total", builds);
}

/** When a phase began and ended, in milliseconds since 1970; one that is under way ends with the build. */
function phaseTimes(build: KnownBuild, type: string, endMs: number): [number, number] | [] {
  const phase = (build.phases ?? []).find(({ phaseType }) => phaseType === type);
  const begin = phase?.startTime?.getTime();
  return begin === undefined ? [] : [begin, phase?.endTime?.getTime() ?? endMs];
}

function sumUp(group: string, costs: readonly BilledBuild[]): CostSum {
  const unpriced = new Map<string, number>();
  for (const { price, machine, minutes } of costs) {
    if (price === undefined && minutes > 0) unpriced.set(machine, (unpriced.get(machine) ?? 0) + minutes);
  }
  const paidMs = sum(costs, ({ paidMs }) => paidMs);
  return {
    group,
    builds: costs.length,
    running: costs.filter(({ running }) => running).length,
    minutes: sum(costs, ({ minutes }) => minutes),
    dollars: sum(costs, ({ price, minutes }) => (price?.dollars ?? 0) * minutes),
    certain: costs.every(({ price, minutes }) => minutes === 0 || (price?.certain ?? true)),
    unpriced,
    overheadShare: paidMs === 0 ? undefined : 1 - sum(costs, ({ buildMs }) => buildMs) / paidMs,
  };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function groupsOf(build: KnownBuild): BilledBuild["groups"] {
  const { repository = "unknown", pipeline: number = "unknown", startedMs } = buildRecord(build);
  const pipeline = /^\d+$/.test(number) ? `#${number}` : number;
  return {
    repository,
    pipeline: `${repository} ${pipeline}`,
    day: isoTime(startedMs)?.slice(0, 10) ?? "unknown",
  };
}
