import { type BuildRecord, buildRecord, ownLabels } from "./build_record.ts";
import type { Project } from "./project.ts";
import { LONGEST_LIFE_MS, projectBuilds } from "./project_builds.ts";
import { textTable } from "./text_table.ts";
import { isoTime, timeText } from "./time_text.ts";

/** The builds that run, and those that were started since then, in milliseconds since 1970: the newest first. */
export async function listBuilds(project: Project, sinceMs: number): Promise<BuildRecord[]> {
  const stillRunningMs = Math.min(sinceMs, project.host.now() - LONGEST_LIFE_MS);
  const records: BuildRecord[] = [];
  for await (const builds of projectBuilds(project, stillRunningMs)) {
    records.push(...builds.map(buildRecord).filter((one) => !one.ended || one.startedMs >= sinceMs));
  }
  return records.sort((one, other) => other.startedMs - one.startedMs);
}

/** A build as `list --json` shows it. */
export function listedBuild(record: BuildRecord, runnerState: string, nowMs: number) {
  const { startedMs, endedMs, workspaceUuid, repositoryUuid, pipelineUuid, runners, labels } = record;
  return {
    build: record.id,
    kind: record.kind,
    status: record.status,
    phase: record.phase,
    repository: record.repository ?? null,
    pipeline: record.pipeline ?? null,
    startedOn: isoTime(startedMs) ?? null,
    endedOn: isoTime(endedMs) ?? null,
    ageS: Math.round((nowMs - startedMs) / 1000),
    runner: runners[0] ?? null,
    runners,
    runnerState: runners.length === 0 ? null : runnerState,
    labels,
    workspaceUuid: workspaceUuid ?? null,
    repositoryUuid: repositoryUuid ?? null,
    pipelineUuid: pipelineUuid ?? null,
  };
}

const HEAD = ["BUILD", "REPOSITORY", "PIPELINE", "PHASE", "AGE", "RUNNER", "LABELS"];

/** The builds as a table for people; a build's UUID is cut, but not so far that no command would know it. */
export function buildTable(
  records: readonly BuildRecord[],
  stateOf: (record: BuildRecord) => string,
  nowMs: number,
): string[] {
  const rows = records.map((record) => [
    shortId(record.id),
    bare(record.repository),
    pipelineText(record.pipeline),
    record.ended ? record.status : record.phase,
    timeText(nowMs - record.startedMs),
    stateOf(record),
    record.kind === "job" ? "(no runner)" : ownLabels(record).join(" "),
  ]);
  return textTable(HEAD, rows);
}

/** The beginning of a build's UUID that stands for it on the command line. */
export function shortId(buildId: string): string {
  return (buildId.split(":")[1] ?? "").slice(0, 13);
}

/** How a pipeline is shown: by its number, else by the beginning of its UUID. */
export function pipelineText(pipeline: string | undefined): string {
  if (pipeline === undefined) return "-";
  return /^\d+$/.test(pipeline) ? `#${pipeline}` : bare(pipeline).slice(0, 8);
}

/** A name, or a UUID without its braces; `-` where nobody knows. */
export function bare(name: string | undefined): string {
  return name?.replace(/^\{(.*)\}$/, "$1") ?? "-";
}
