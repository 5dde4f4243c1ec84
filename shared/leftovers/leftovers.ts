import type { Bitbucket } from "../bitbucket/bitbucket.ts";
import type { Runner } from "../calls/bitbucket_schema.ts";
import { ApiError, CredentialsError, messageOf } from "../program/errors.ts";
import type { Host } from "../program/host.ts";
import type { Logger } from "../output/log.ts";
import {
  type BuildFate,
  isCandidate,
  judgeLeftover,
  type LeftoverVerdict,
  otherBuildOf,
} from "./leftover_verdict.ts";

/**
 * Tells of builds whether they have ended; one that CodeBuild knows nothing of is absent. Undefined as a whole when
 * nobody could be asked.
 */
export type BuildsEnded = (
  buildIds: readonly string[],
  signal?: AbortSignal,
) => Promise<ReadonlyMap<string, boolean> | undefined>;

/** What `judgeLeftovers` needs. */
export interface LeftoverLook {
  readonly bitbucket: Pick<Bitbucket, "listRunners" | "serverNow">;
  /** The CodeBuild project whose runners are looked at. */
  readonly project: string;
  /** Whose answer is true is never touched. */
  readonly isOwn?: ((runner: Runner) => boolean) | undefined;
  readonly buildsEnded?: BuildsEnded | undefined;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

/** What `removeLeftovers` needs. */
export interface LeftoverRemoval extends LeftoverLook {
  readonly bitbucket: Pick<Bitbucket, "listRunners" | "getRunner" | "deleteRunner" | "serverNow">;
  /**
   * What to do about runners that only their age speaks against: looking twice takes longer than a live runner is
   * silent.
   */
  readonly uncertain: "leave" | "look twice";
  readonly host: Pick<Host, "sleep">;
}

/** A runner that may be of one of the project's builds, and what it is taken for. */
export interface JudgedRunner {
  readonly runner: Runner;
  readonly verdict: LeftoverVerdict;
}

/** What came of it. */
export interface LeftoverSummary {
  /** Names of the runners removed. */
  readonly removed: readonly string[];
  /** Runners of dead builds, to all appearance, that stay for now. */
  readonly kept: readonly { readonly name: string; readonly reason: string }[];
}

/** Between the two looks at a runner whose build CodeBuild says has ended, in milliseconds. */
const CERTAIN_LOOK_MS = 500;
/** The same where only its age is known: a runner that is alive reports itself every 30 s. */
const UNCERTAIN_LOOK_MS = 31_000;

/** The most removed at once: each costs two requests of an hourly budget that the build itself needs. */
const MOST_REMOVED = 10;
/** CodeBuild tells of so many builds at once, and a repository holds no more runners. */
const MOST_CANDIDATES = 100;

/** What the project's runners are taken for; changes nothing. Rejects when the runners cannot be listed. */
export async function judgeLeftovers(look: LeftoverLook): Promise<JudgedRunner[]> {
  const candidates = await listCandidates(look);
  const judge = await makeJudge(look, candidates);
  return candidates.map((runner) => ({ runner, verdict: judge(runner) }));
}

/**
 * Removes runners that dead builds of the project left behind, after two looks that agree. Rejects when the runners
 * cannot be listed; a single runner that cannot be looked at or removed is kept.
 */
export async function removeLeftovers(removal: LeftoverRemoval): Promise<LeftoverSummary> {
  const candidates = await listCandidates(removal);
  if (candidates.length === 0) return { removed: [], kept: [] };
  const judge = await makeJudge(removal, candidates);
  const summary = await removeDead(removal, candidates, judge);
  if (summary.removed.length + summary.kept.length > 0) removal.log.detail(summaryLine(summary));
  return summary;
}

type Judge = (runner: Runner) => LeftoverVerdict;

async function listCandidates(look: LeftoverLook): Promise<Runner[]> {
  const runners = await look.bitbucket.listRunners({ signal: look.signal });
  return runners.filter((runner) => isCandidate(runner, look)).slice(0, MOST_CANDIDATES);
}

async function makeJudge(look: LeftoverLook, candidates: readonly Runner[]): Promise<Judge> {
  const { bitbucket, project, isOwn } = look;
  const buildIds = new Set(candidates.flatMap((runner) => otherBuildOf(runner, look) ?? []));
  const ended = buildIds.size === 0 ? new Map<string, boolean>() : await askBuilds(look, [...buildIds]);
  return (runner) =>
    judgeLeftover(runner, {
      project,
      isOwn,
      now: bitbucket.serverNow(),
      build: ended === undefined ? undefined : fateOf(ended.get(otherBuildOf(runner, look) ?? "")),
    });
}

function fateOf(ended: boolean | undefined): BuildFate {
  if (ended === undefined) return "not known";
  return ended ? "ended" : "running";
}

/** Acts on what is dead in two groups, since the second look at one of them has to wait. */
async function removeDead(
  removal: LeftoverRemoval,
  candidates: readonly Runner[],
  judge: Judge,
): Promise<LeftoverSummary> {
  const { groups, kept } = plan(
    candidates.map((runner) => ({ runner, verdict: judge(runner) })),
    removal.uncertain,
  );
  const removed: string[] = [];
  for (const { runners, pauseMs } of groups) {
    if (runners.length > 0) await removal.host.sleep(pauseMs, removal.signal);
    for (const runner of runners) {
      const objection = await removeIfUnchanged(removal, runner, judge);
      if (objection === undefined) removed.push(runner.name);
      else kept.push({ name: runner.name, reason: objection });
    }
  }
  return { removed, kept };
}

function plan(
  judged: readonly JudgedRunner[],
  uncertain: LeftoverRemoval["uncertain"],
) {
  const those = (kind: LeftoverVerdict["runner"]) => judged.filter(({ verdict }) => verdict.runner === kind);
  const [dead, byAge] = [those("dead"), those("dead by age")];
  const now = dead.slice(0, MOST_REMOVED);
  const soon = uncertain === "leave" ? [] : byAge.slice(0, MOST_REMOVED - now.length);
  const later = [...dead.slice(now.length), ...byAge.slice(soon.length)];
  const kept = [
    ...those("doubtful").map(({ runner, verdict }) => ({ name: runner.name, reason: verdict.reason })),
    ...later.map(({ runner, verdict }) => ({
      name: runner.name,
      reason: `${verdict.reason}; left for later`,
    })),
  ];
  const groups = [
    { runners: now.map(({ runner }) => runner), pauseMs: CERTAIN_LOOK_MS },
    { runners: soon.map(({ runner }) => runner), pauseMs: UNCERTAIN_LOOK_MS },
  ];
  return { groups, kept };
}

/** «Leftover runners: 1 removed, 1 kept (…-app: it is OFFLINE for 3 min)». */
function summaryLine({ removed, kept }: LeftoverSummary): string {
  const reasons = kept.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  return `Leftover runners: ${removed.length} removed, ${kept.length} kept${reasons && ` (${reasons})`}`;
}

/** Not being able to ask is no failure: age decides then. */
async function askBuilds(
  { buildsEnded, log, signal }: LeftoverLook,
  buildIds: readonly string[],
): Promise<ReadonlyMap<string, boolean> | undefined> {
  try {
    return await buildsEnded?.(buildIds, signal);
  } catch (error) {
    signal?.throwIfAborted();
    log.info(`Cannot ask which builds have ended: ${messageOf(error)}`);
    return undefined;
  }
}

/** The second look, and the removal if nothing has changed; gives the reason why the runner stays, if it does. */
async function removeIfUnchanged(
  { bitbucket, log, signal }: LeftoverRemoval,
  first: Runner,
  judge: Judge,
): Promise<string | undefined> {
  try {
    const second = await bitbucket.getRunner(first.uuid, { signal });
    if (second === undefined) return "somebody else has removed it";
    const { runner, reason } = judge(second);
    if (!runner.startsWith("dead")) return reason;
    const unchanged = second.state.status === first.state.status &&
      second.state.updated_on === first.state.updated_on;
    if (!unchanged) return "it has changed between two looks";
    await bitbucket.deleteRunner(first.uuid, { signal });
    log.info(`Removed runner «${first.name}» of an earlier build: ${reason}`);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof CredentialsError)) throw error;
    return error.message;
  }
}
