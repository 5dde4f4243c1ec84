import type { Runner } from "../../shared/calls/bitbucket_schema.ts";
import { buildIdOf } from "../../shared/leftovers/runner_name.ts";

/** What is known beside the runner itself. */
export interface LeftoverFacts {
  readonly project: string;
  readonly ownRunnerName: string | undefined;
  /** The server's clock, in milliseconds since 1970: the local one may be minutes off. */
  readonly now: number;
  /** Whether the build that owns the runner has ended; undefined when that is not known. */
  readonly buildEnded: boolean | undefined;
}

/** The decision, with its reason as a clause about the runner. */
export interface LeftoverVerdict {
  readonly remove: boolean;
  /** Whether CodeBuild's word stands behind it, rather than the runner's age. */
  readonly certain: boolean;
  readonly reason: string;
}

/** From which age on, in milliseconds, a status shows that nobody is behind the runner any more. */
const SAFE_AGES_MS: Readonly<Record<string, number>> = {
  // Runners report themselves every 30 s; a restart of one takes far less.
  OFFLINE: 10 * 60_000,
  // Registered in pre_build and online within minutes, or the phase fails.
  UNREGISTERED: 30 * 60_000,
  // Closed before its build leaves, perhaps with a step at work: a build lives 2,160 minutes at most.
  DISABLED: 36 * 3_600_000,
};

/** Whether it is worth asking what became of the runner's build; with `online`, of those that seem alive as well. */
export function mayBeLeftover(
  runner: Runner,
  facts: Pick<LeftoverFacts, "project" | "ownRunnerName">,
  { online }: { readonly online: boolean },
): boolean {
  if (notOurs(runner, facts) !== undefined) return false;
  return online || seemsAlive(runner) === undefined;
}

/**
 * Whether a runner was left behind by a dead build. What is known of the build decides; only where nothing is, the
 * runner's age does. In doubt it stays.
 */
export function judgeLeftover(runner: Runner, facts: LeftoverFacts): LeftoverVerdict {
  const foreign = notOurs(runner, facts);
  if (foreign !== undefined) return { remove: false, certain: false, reason: foreign };
  // Nothing outlives its build's container, whatever Bitbucket last heard of it: a runner that vanished without a
  // word stays ONLINE for a while, perhaps with a step on it.
  if (facts.buildEnded === true) return { remove: true, certain: true, reason: "its build has ended" };
  if (facts.buildEnded === false) {
    return { remove: false, certain: true, reason: "its build is still running" };
  }
  const alive = seemsAlive(runner);
  if (alive !== undefined) return { remove: false, certain: false, reason: alive };
  return judgeAge(runner, facts.now);
}

function notOurs(
  runner: Runner,
  { project, ownRunnerName }: Pick<LeftoverFacts, "project" | "ownRunnerName">,
): string | undefined {
  if (buildIdOf(runner.name, project) === undefined) return "it belongs to somebody else";
  return runner.name === ownRunnerName ? "it is this build's own" : undefined;
}

function seemsAlive(runner: Runner): string | undefined {
  // The step is there only while one runs, on a closed runner too (fixtures of Atlassian's autoscaler).
  if (runner.state.step) return "a step runs on it";
  return runner.state.status === "ONLINE" ? "it is online" : undefined;
}

function judgeAge(runner: Runner, now: number): LeftoverVerdict {
  const { status } = runner.state;
  const safeAgeMs = SAFE_AGES_MS[status];
  if (safeAgeMs === undefined) {
    return { remove: false, certain: false, reason: `it is ${status} and its build unknown` };
  }
  const ageMs = now - Date.parse(changedOn(runner) ?? "");
  if (Number.isNaN(ageMs)) {
    return { remove: false, certain: false, reason: `it is ${status} for an unknown time` };
  }
  const minutes = Math.floor(ageMs / 60_000);
  return { remove: ageMs > safeAgeMs, certain: false, reason: `it is ${status} for ${minutes} min` };
}

function changedOn(runner: Runner): string | null | undefined {
  if (runner.state.status === "UNREGISTERED") return runner.created_on;
  return runner.state.updated_on ?? runner.updated_on ?? runner.created_on;
}
