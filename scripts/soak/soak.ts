import type { LocalRelease } from "../local_cloud/local_release.ts";
import { playRound, type RoundOutcome } from "./play_round.ts";
import { planRound } from "./round_plan.ts";
import { outcomeLines, summaryLines } from "./summary.ts";

export interface SoakOptions {
  /** How long new rounds are begun, in seconds. */
  readonly seconds: number;
  readonly rounds: number;
  readonly parallel: number;
  readonly seed: number;
  readonly release: LocalRelease;
  readonly say: (line: string) => void;
}

/** Plays rounds until the time is over, so many side by side; false when one of them broke a promise. */
export async function soak({ seconds, rounds, parallel, seed, release, say }: SoakOptions): Promise<boolean> {
  say(`Soaking for ${seconds} s from seed ${seed}, ${parallel} rounds at a time`);
  const endsAt = performance.now() + seconds * 1000;
  const outcomes: RoundOutcome[] = [];
  let begun = 0;
  const worker = async () => {
    while (begun < rounds && performance.now() < endsAt) {
      const outcome = await playRound(release, planRound(seed + begun++));
      outcomes.push(outcome);
      for (const line of outcomeLines(outcome)) say(line);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  for (const line of summaryLines(outcomes, seed)) say(line);
  return outcomes.every(({ violations }) => violations.length === 0);
}
