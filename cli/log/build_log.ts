import { messageOf } from "../../shared/program/errors.ts";
import type { Build } from "../../shared/aws/aws_codebuild.ts";
import type { LogPlace } from "../../shared/aws/aws_logs.ts";
import { waitFor } from "../../shared/program/wait.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { type LogLine, readLogLines, tellsEndOf } from "./container_log.ts";

/** What was found of the build's log: its end, or why there is none. */
export type BuildLog = { readonly lines: readonly LogLine[] } | { readonly missing: string };

export interface LogQuestion {
  readonly build: Build;
  /** The phase that failed, whose end the log is to tell. */
  readonly phase: string | undefined;
  /** What CodeBuild was given to run. */
  readonly commands: string;
}

/** Commands of many lines, each repeated three times, stand behind what a reader looks for. AWS sends a megabyte at most. */
const LINES = 1000;
/** CloudWatch shows a line within seconds of its being written. */
const LATE_LINES_MS = 4_000;
const LOOK_MS = 2_000;

/** Where the build logs to; undefined before the stream exists, when its names are missing or «null». */
export function logPlace(build: Build): LogPlace | undefined {
  const { groupName, streamName } = build.logs ?? {};
  return isName(groupName) && isName(streamName) ? { group: groupName, stream: streamName } : undefined;
}

/**
 * Reads the end of the build's log; a little later once more where it does not tell the failed phase's end yet. Never fails: a
 * log that cannot be read is no reason to hide the failure itself.
 */
export async function readBuildLog(
  { host, session }: Pick<StartContext, "host" | "session">,
  { build, phase, commands }: LogQuestion,
  signal: AbortSignal,
): Promise<BuildLog> {
  const place = logPlace(build);
  if (place === undefined) return { missing: "the build has no CloudWatch log" };
  let lines: readonly LogLine[] = [];
  const look = async () => {
    lines = readLogLines(await session.lastLogLines(place, LINES, signal), commands);
    return lines.length > 0 && (phase === undefined || tellsEndOf(lines, phase)) || undefined;
  };
  try {
    await waitFor(host, look, { timeoutMs: LATE_LINES_MS, intervalMs: () => LOOK_MS, signal });
    return lines.length > 0 ? { lines } : { missing: "it is empty" };
  } catch (error) {
    return { missing: messageOf(error) };
  }
}

function isName(name: string | undefined): name is string {
  return name !== undefined && name !== "" && name !== "null";
}
