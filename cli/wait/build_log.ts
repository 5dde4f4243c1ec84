import { messageOf } from "../../shared/program/errors.ts";
import type { Build } from "../../shared/aws/aws_codebuild.ts";
import type { LogPlace } from "../../shared/aws/aws_logs.ts";
import { waitFor } from "../../shared/program/wait.ts";
import type { StartContext } from "../aws/aws_session.ts";

/** What was found of the build's log: its last lines, or why there are none. */
export type BuildLog = { readonly lines: readonly string[] } | { readonly missing: string };

const LINES = 30;
/** CloudWatch shows a line within seconds of its being written. */
const LATE_LINES_MS = 4_000;
const LOOK_MS = 2_000;

/** Where the build logs to; undefined before the stream exists, when its names are missing or «null». */
export function logPlace(build: Build): LogPlace | undefined {
  const { groupName, streamName } = build.logs ?? {};
  return isName(groupName) && isName(streamName) ? { group: groupName, stream: streamName } : undefined;
}

/** Reads the end of the build's log. Never fails: a log that cannot be read is no reason to hide the failure itself. */
export async function readBuildLog(
  { host, session }: Pick<StartContext, "host" | "session">,
  build: Build,
  signal: AbortSignal,
): Promise<BuildLog> {
  const place = logPlace(build);
  if (place === undefined) return { missing: "the build has no CloudWatch log" };
  const look = async () => {
    const lines = await session.lastLogLines(place, LINES, signal);
    return lines.length > 0 ? lines : undefined;
  };
  try {
    const options = { timeoutMs: LATE_LINES_MS, intervalMs: () => LOOK_MS, signal };
    const outcome = await waitFor(host, look, options);
    return outcome.kind === "done" ? { lines: outcome.value } : { missing: "it is empty" };
  } catch (error) {
    return { missing: messageOf(error) };
  }
}

function isName(name: string | undefined): name is string {
  return name !== undefined && name !== "" && name !== "null";
}
