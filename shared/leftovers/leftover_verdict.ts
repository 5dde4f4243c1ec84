import type { Runner } from "../calls/bitbucket_schema.ts";
import { buildIdOf, isProvisional, isShortened } from "./runner_name.ts";

/** What is known beside the runner itself. */
export interface LeftoverFacts {
  readonly project: string;
  /** Whether a runner is of whoever asks. */
  readonly isOwn?: ((runner: Runner) => boolean) | undefined;
  /** The server's clock, in milliseconds since 1970: the local one may be minutes off. */
  readonly now: number;
  /** What CodeBuild says of the build that owns the runner; undefined when it has not been asked. */
  readonly build: BuildFate | undefined;
}

type Own = Pick<LeftoverFacts, "project" | "isOwn">;

/** What CodeBuild says of a build; it keeps them for a year. */
export type BuildFate = "running" | "ended" | "not known";

/** What a runner is taken for, and why, as a clause about it. */
export interface LeftoverVerdict {
  /** Somebody's, left by a build that CodeBuild says has ended, left to judge by its age, or perhaps left. */
  readonly runner: "in use" | "dead" | "dead by age" | "doubtful";
  readonly reason: string;
}

/** No build lives longer, in milliseconds (2,160 minutes). Source: StartBuild. */
const LONGEST_BUILD_MS = 36 * 3_600_000;

/** No start waits longer for room than its role's session lasts (12 h), in milliseconds, with an hour to spare. Source: STS. */
const LONGEST_START_MS = 13 * 3_600_000;

/** From which age on, in milliseconds, a status shows that nobody is behind the runner any more. */
const SAFE_AGES_MS: Readonly<Record<string, number>> = {
  // Runners report themselves every 30 s; a restart of one takes far less.
  OFFLINE: 10 * 60_000,
  // Registered in pre_build and online within minutes, or the phase fails.
  UNREGISTERED: 30 * 60_000,
  // Closed before its build leaves, perhaps with a step at work.
  DISABLED: LONGEST_BUILD_MS,
};
/** One that has never been online may still wait for its build; one that has is judged like all others. */
const STARTING_AGES_MS = { ...SAFE_AGES_MS, UNREGISTERED: LONGEST_START_MS };

/** Whether the runner may be of one of the project's other builds, or of a start that has none yet. */
export function isCandidate(runner: Runner, facts: Own): boolean {
  return notOurs(runner, facts) === undefined;
}

/** The id of the runner's build if the runner may be of one of the project's other builds. */
export function otherBuildOf(runner: Runner, facts: Own): string | undefined {
  return notOurs(runner, facts) === undefined ? buildIdOf(runner.name, facts.project) : undefined;
}

/**
 * Whether a runner was left behind by a dead build. What is known of the build decides; only where nothing is, the
 * runner's age does. In doubt it stays.
 */
export function judgeLeftover(runner: Runner, facts: LeftoverFacts): LeftoverVerdict {
  const foreign = notOurs(runner, facts);
  if (foreign !== undefined) return { runner: "in use", reason: foreign };
  // Nothing outlives its build's container, whatever Bitbucket last heard of it: a runner that vanished without a
  // word stays ONLINE for a while, perhaps with a step on it.
  if (facts.build === "ended") return { runner: "dead", reason: "its build has ended" };
  if (facts.build === "running") return { runner: "in use", reason: "its build is still running" };
  const alive = seemsAlive(runner);
  if (alive !== undefined) return { runner: "in use", reason: alive };
  // CodeBuild would know a build of this project: the name is another project's, of which nothing else is known.
  if (isProvisional(runner.name, facts.project)) return judgeAge(runner, facts.now, STARTING_AGES_MS);
  if (facts.build === "not known" && isShortened(runner.name)) return judgeStranger(runner, facts.now);
  return judgeAge(runner, facts.now);
}

/** A runner that may be of a live build is not touched, however long it has been silent. */
function judgeStranger(runner: Runner, now: number): LeftoverVerdict {
  const ageMs = now - Date.parse(runner.created_on ?? "");
  if (ageMs > LONGEST_BUILD_MS) {
    return { runner: "dead by age", reason: `it was registered ${Math.floor(ageMs / 3_600_000)} h ago` };
  }
  return { runner: "in use", reason: "it belongs to another project" };
}

function notOurs(runner: Runner, { project, isOwn }: Own): string | undefined {
  if (buildIdOf(runner.name, project) === undefined && !isProvisional(runner.name, project)) {
    return "it belongs to somebody else";
  }
  return isOwn?.(runner) ? "it is this build's own" : undefined;
}

function seemsAlive(runner: Runner): string | undefined {
  // The step is there only while one runs, on a closed runner too (fixtures of Atlassian's autoscaler).
  if (runner.state.step) return "a step runs on it";
  return runner.state.status === "ONLINE" ? "it is online" : undefined;
}

function judgeAge(runner: Runner, now: number, safeAgesMs = SAFE_AGES_MS): LeftoverVerdict {
  const { status } = runner.state;
  const safeAgeMs = safeAgesMs[status];
  if (safeAgeMs === undefined) {
    return { runner: "doubtful", reason: `it is ${status} and its build unknown` };
  }
  const ageMs = now - Date.parse(changedOn(runner) ?? "");
  if (Number.isNaN(ageMs)) return { runner: "doubtful", reason: `it is ${status} for an unknown time` };
  const minutes = Math.floor(ageMs / 60_000);
  return {
    runner: ageMs > safeAgeMs ? "dead by age" : "doubtful",
    reason: `it is ${status} for ${minutes} min`,
  };
}

function changedOn(runner: Runner): string | null | undefined {
  if (runner.state.status === "UNREGISTERED") return runner.created_on;
  return runner.state.updated_on ?? runner.updated_on ?? runner.created_on;
}
