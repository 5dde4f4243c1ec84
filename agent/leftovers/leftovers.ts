import type { Bitbucket } from "../../shared/bitbucket/bitbucket.ts";
import type { Runner } from "../../shared/calls/bitbucket_schema.ts";
import { ApiError, CredentialsError } from "../../shared/program/errors.ts";
import type { Host } from "../../shared/program/host.ts";
import { judgeLeftover, type LeftoverVerdict, mayBeLeftover } from "./leftover_verdict.ts";
import type { Logger } from "../../shared/program/log.ts";
import { buildIdOf } from "../../shared/leftovers/runner_name.ts";

/**
 * Tells of builds whether they have ended: true, false, or absent where that is not known. Undefined as a whole when
 * nobody could be asked.
 */
export type BuildsEnded = (
  buildIds: readonly string[],
  signal?: AbortSignal,
) => Promise<ReadonlyMap<string, boolean> | undefined>;

/** What `removeLeftovers` needs. */
export interface LeftoverRemoval {
  readonly bitbucket: Pick<Bitbucket, "listRunners" | "getRunner" | "deleteRunner" | "serverNow">;
  /** The CodeBuild project whose runners are looked at. */
  readonly project: string;
  /** A runner of this name is never touched. */
  readonly ownRunnerName?: string | undefined;
  readonly buildsEnded?: BuildsEnded | undefined;
  /** Whether to ask about the builds of runners that seem alive, too: where asking costs nothing. */
  readonly askAboutOnline?: boolean;
  readonly host: Pick<Host, "sleep">;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

/** What came of it. */
export interface LeftoverSummary {
  /** All runners of the repository as they were found, the removed ones included. */
  readonly runners: readonly Runner[];
  /** Names of the runners removed. */
  readonly removed: readonly string[];
  /** Runners of dead builds, to all appearance, that stay for now. */
  readonly kept: readonly { readonly name: string; readonly reason: string }[];
}

/** Between the two looks at a runner, in milliseconds: one that is alive shows itself by then, or at the next build. */
const SECOND_LOOK_MS = 5000;
/** The same where CodeBuild itself said that the builds have ended. */
const CERTAIN_LOOK_MS = 500;

/** The most removed at once: each costs two requests of an hourly budget that the build itself needs. */
const MOST_REMOVED = 10;

/**
 * Removes runners that dead builds of the project left behind, after two looks that agree. Rejects when the runners
 * cannot be listed; a single runner that cannot be looked at or removed is kept.
 */
export async function removeLeftovers(removal: LeftoverRemoval): Promise<LeftoverSummary> {
  const { bitbucket, project, ownRunnerName, log, signal } = removal;
  const runners = await bitbucket.listRunners({ signal });
  const candidates = runners.filter((runner) =>
    mayBeLeftover(runner, { project, ownRunnerName }, { online: removal.askAboutOnline ?? false })
  );
  if (candidates.length === 0) return { runners, removed: [], kept: [] };

  const ended = await askBuilds(removal, candidates);
  const judge = (runner: Runner) =>
    judgeLeftover(runner, {
      project,
      ownRunnerName,
      now: bitbucket.serverNow(),
      buildEnded: ended.get(buildIdOf(runner.name, project) ?? ""),
    });
  const outcome = await removeDoomed(removal, candidates, judge);
  log.info(summaryLine(outcome));
  return { runners, ...outcome };
}

type Judge = (runner: Runner) => LeftoverVerdict;
type Outcome = Pick<LeftoverSummary, "removed" | "kept">;

async function removeDoomed(
  removal: LeftoverRemoval,
  candidates: readonly Runner[],
  judge: Judge,
): Promise<Outcome> {
  const removed: string[] = [];
  const kept: { name: string; reason: string }[] = [];
  const doomed: Runner[] = [];
  let certain = true;
  for (const runner of candidates) {
    const verdict = judge(runner);
    if (!verdict.remove) kept.push({ name: runner.name, reason: verdict.reason });
    else if (doomed.length === MOST_REMOVED) {
      kept.push({ name: runner.name, reason: "left for the next build" });
    } else {
      doomed.push(runner);
      certain &&= verdict.certain;
    }
  }
  if (doomed.length > 0) await removal.host.sleep(certain ? CERTAIN_LOOK_MS : SECOND_LOOK_MS, removal.signal);
  for (const runner of doomed) {
    const objection = await removeIfUnchanged(removal, runner, judge);
    if (objection === undefined) removed.push(runner.name);
    else kept.push({ name: runner.name, reason: objection });
  }
  return { removed, kept };
}

/** «Leftover runners: 1 removed, 1 kept (codebuild-…: it is OFFLINE for 3 min)». */
function summaryLine({ removed, kept }: Outcome): string {
  const reasons = kept.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  return `Leftover runners: ${removed.length} removed, ${kept.length} kept${reasons && ` (${reasons})`}`;
}

/** Not being able to ask is no failure: age decides then. */
async function askBuilds(
  { project, buildsEnded, log, signal }: LeftoverRemoval,
  candidates: readonly Runner[],
): Promise<ReadonlyMap<string, boolean>> {
  if (buildsEnded === undefined) return new Map();
  const buildIds = candidates.map((runner) => buildIdOf(runner.name, project)).filter((id) =>
    id !== undefined
  );
  try {
    return await buildsEnded([...new Set(buildIds)], signal) ?? new Map();
  } catch (error) {
    signal?.throwIfAborted();
    log.info(`Cannot ask which builds have ended: ${error instanceof Error ? error.message : String(error)}`);
    return new Map();
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
    const verdict = judge(second);
    if (!verdict.remove) return verdict.reason;
    const unchanged = second.state.status === first.state.status &&
      second.state.updated_on === first.state.updated_on;
    if (!unchanged) return "it has changed between two looks";
    await bitbucket.deleteRunner(first.uuid, { signal });
    log.info(`Removed runner «${first.name}» of an earlier build: ${verdict.reason}`);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof CredentialsError)) throw error;
    return error.message;
  }
}
