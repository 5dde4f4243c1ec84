import { messageOf, TimeoutError } from "../../shared/program/errors.ts";
import type { Runner } from "../../shared/calls/bitbucket_schema.ts";
import { CREDENTIALS_REMEDY } from "../../shared/settings/bitbucket_settings.ts";
import { connectBitbucket } from "../handover/connect.ts";
import type { LookConfig } from "../options/look_config.ts";
import { withDeadline } from "../wait/deadline.ts";
import type { BuildRecord } from "./build_record.ts";
import type { Project } from "./project.ts";
import { runnerWords } from "./runner_words.ts";

/** Each costs a request of Bitbucket's hourly budget, and of most the credentials know nothing. */
const MOST_REPOSITORIES = 10;
/** For all of them together, in milliseconds: the builds are what was asked for. */
const LONGEST_MS = 20_000;

/**
 * What Bitbucket says of each build's runners: `busy` while a step runs on one, `none` where none is registered, `unknown` where
 * nobody can be asked, which is said once; else their status. A job has no runner at all.
 */
export async function runnerStates(
  project: Project<LookConfig>,
  records: readonly BuildRecord[],
): Promise<(record: BuildRecord) => string> {
  const withRunner = records.filter(({ runners }) => runners.length > 0);
  const { log, config } = project;
  if (config.credentials === undefined && withRunner.length > 0) {
    log.info(`The state of runners is unknown without Bitbucket credentials: ${CREDENTIALS_REMEDY}`);
  }
  const known = new Map<string, readonly Runner[]>();
  const asked = config.credentials === undefined ? [] : placesOf(withRunner).slice(0, MOST_REPOSITORIES);
  let problem: string | undefined;
  const reason = new TimeoutError(`Bitbucket has not told them within ${LONGEST_MS / 1000} s`);
  await withDeadline(project.host, { ms: LONGEST_MS, reason, signal: project.signal }, async (signal) => {
    for (const place of asked) {
      if (signal.aborted) return;
      try {
        known.set(place.repositoryUuid, await runnersIn({ ...project, signal }, place));
      } catch (error) {
        project.signal.throwIfAborted();
        problem ??= messageOf(error);
      }
    }
  });
  if (problem !== undefined) {
    const unknown = asked.length - known.size;
    log.warning(`The state of runners is unknown in ${unknown} of ${asked.length} repositories: ${problem}`);
  }
  return (record) => {
    if (record.runners.length === 0) return "-";
    const registered = known.get(record.repositoryUuid ?? "");
    return registered === undefined ? "unknown" : runnerWords(record, registered);
  };
}

interface Place {
  readonly repositoryUuid: string;
  readonly workspaceUuid: string;
}

function placesOf(records: readonly BuildRecord[]): Place[] {
  const places = new Map<string, Place>();
  // Those that run matter most.
  for (const { repositoryUuid, workspaceUuid } of records.toSorted((a, b) => +a.ended - +b.ended)) {
    if (repositoryUuid && workspaceUuid) places.set(repositoryUuid, { repositoryUuid, workspaceUuid });
  }
  return [...places.values()];
}

async function runnersIn(project: Project<LookConfig>, place: Place): Promise<readonly Runner[]> {
  const { config, signal } = project;
  if (config.credentials === undefined) return [];
  const bitbucket = await connectBitbucket(
    { ...project, config: { ...config, ...place } },
    config.credentials,
  );
  return await bitbucket.listRunners({ signal });
}
