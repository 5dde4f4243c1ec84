import { messageOf, TimeoutError } from "../../shared/program/errors.ts";
import type { Runner } from "../../shared/calls/bitbucket_schema.ts";
import { CREDENTIALS_REMEDY } from "../../shared/settings/bitbucket_settings.ts";
import { connectBitbucket } from "../handover/connect.ts";
import type { LookConfig } from "../options/look_config.ts";
import { withDeadline } from "../wait/deadline.ts";
import type { BuildRecord } from "./build_record.ts";
import type { Project } from "./project.ts";

/** Each costs a request of Bitbucket's hourly budget, and of most the credentials know nothing. */
const MOST_REPOSITORIES = 10;
/** For all of them together, in milliseconds: the builds are what was asked for. */
const LONGEST_MS = 20_000;

/**
 * What Bitbucket says of each build's runner: `busy` while a step runs on it, `none` where it is not registered, `unknown` where
 * nobody can be asked, which is said once; else its status. A job has no runner at all.
 */
export async function runnerStates(
  project: Project<LookConfig>,
  records: readonly BuildRecord[],
): Promise<(record: BuildRecord) => string> {
  const withRunner = records.filter(({ runner }) => runner !== undefined);
  const { log, config } = project;
  if (config.credentials === undefined && withRunner.length > 0) {
    log.info(`The state of runners is unknown without Bitbucket credentials: ${CREDENTIALS_REMEDY}`);
  }
  const known = new Map<string, ReadonlyMap<string, Runner>>();
  const asked = config.credentials === undefined ? [] : placesOf(withRunner).slice(0, MOST_REPOSITORIES);
  let problem: string | undefined;
  const reason = new TimeoutError(`Bitbucket has not told them within ${LONGEST_MS / 1000} s`);
  await withDeadline(project.host, { ms: LONGEST_MS, reason, signal: project.signal }, async (signal) => {
    for (const place of asked) {
      if (signal.aborted) return;
      try {
        known.set(place.repositoryUuid, await runnersByName({ ...project, signal }, place));
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
  return ({ runner, repositoryUuid }) => {
    if (runner === undefined) return "-";
    const runners = known.get(repositoryUuid ?? "");
    return runners === undefined ? "unknown" : stateOf(runners.get(runner));
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

async function runnersByName(project: Project<LookConfig>, place: Place): Promise<Map<string, Runner>> {
  const { config, signal } = project;
  if (config.credentials === undefined) return new Map();
  const bitbucket = await connectBitbucket(
    { ...project, config: { ...config, ...place } },
    config.credentials,
  );
  const runners = await bitbucket.listRunners({ signal });
  return new Map(runners.map((runner) => [runner.name, runner]));
}

function stateOf(runner: Runner | undefined): string {
  if (runner === undefined) return "none";
  return runner.state.step ? "busy" : runner.state.status;
}
