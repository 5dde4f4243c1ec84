import type { RoundCounts, RoundOutcome } from "./play_round.ts";
import type { RoundPlan } from "./round_plan.ts";

/** What is said of a round when it is over; one that broke a promise shows all that is needed to play it again. */
export function outcomeLines({ plan, violations, log }: RoundOutcome): string[] {
  if (violations.length === 0) return [];
  return [
    `Round ${plan.seed} broke a promise:`,
    ...violations.map((violation) => `  ${violation}`),
    `  plan: ${JSON.stringify(plan)}`,
    ...log.split("\n").map((line) => `  | ${line}`),
    `Play it again: deno task soak --seed ${plan.seed} --rounds 1`,
  ];
}

/** The closing words. */
export function summaryLines(outcomes: readonly RoundOutcome[], seed: number): string[] {
  const sum = (what: keyof RoundCounts) => outcomes.reduce((total, { counts }) => total + counts[what], 0);
  const broken = outcomes.filter(({ violations }) => violations.length > 0).map(({ plan }) => plan.seed);
  return [
    `Seed: ${seed}`,
    `Rounds: ${outcomes.length}, with ${sum("pipelines")} pipelines, ${sum("builds")} builds and ${
      sum("servedSteps")
    } steps on runners`,
    `Struck by: ${sum("faults")} faults, ${sum("interruptions")} interruptions${kindsOf(outcomes)}`,
    `Bitbucket requests: ${sum("bitbucketRequests")}`,
    broken.length === 0
      ? "Nothing was left over, no step was lost, every pipeline had its right result"
      : `Broken promises in the rounds ${broken.join(", ")}`,
  ];
}

function kindsOf(outcomes: readonly RoundOutcome[]): string {
  const kinds = outcomes.filter(({ counts }) => counts.interruptions > 0).map(({ plan }) => kindOf(plan));
  return kinds.length === 0 ? "" : ` (${[...new Set(kinds)].sort().join(", ")})`;
}

function kindOf({ interruption }: RoundPlan): string {
  return interruption?.kind ?? "none";
}
