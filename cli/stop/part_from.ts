import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import { within } from "../wait/deadline.ts";
import { partingFrom } from "./parting.ts";
import { stopBuild, type StopContext, type StopOutcome } from "./stop_build.ts";

/** What was seen of a build last, and when, in milliseconds of the host's monotonic clock. */
export interface Seen {
  readonly build: KnownBuild;
  readonly atMs: number;
}

/** The build as it was seen last, and whether it has ended, is stopping, still runs, or was left to its agent. */
export interface Parted {
  readonly build: KnownBuild;
  readonly outcome: StopOutcome["kind"] | "left";
}

/** For a look right before a build is stopped, in milliseconds. */
const FRESH_LOOK_MS = 5_000;

/** Stops a build whose runner nobody waits for any more, unless it is over or has to be left alone. Never fails. */
export async function partFrom(context: StopContext, { build: last, atMs }: Seen): Promise<Parted> {
  const { host, log } = context;
  const fresh = hasEnded(last) ? last : await freshLook(context, last.id);
  const parting = partingFrom({ fresh, last, lastAgeMs: host.monotonicMs() - atMs });
  const build = fresh ?? last;
  if (parting.kind === "over") return { build, outcome: "ended" };
  if (parting.kind === "leave") {
    log.warning(
      `Build ${build.id} is not stopped, since ${parting.why}: it is left to its agent, which leaves by itself when ` +
        "the pipeline is over, or when it has had no step for its idle timeout",
    );
    return { build, outcome: "left" };
  }
  const outcome = await stopBuild(context, build.id);
  return { build: outcome.kind === "ended" ? outcome.build : build, outcome: outcome.kind };
}

/** The build as it is now; undefined where CodeBuild does not say so in time. */
async function freshLook({ host, session }: StopContext, buildId: string): Promise<KnownBuild | undefined> {
  try {
    return await within(host, FRESH_LOOK_MS, async (signal) => {
      return (await session.call((codebuild) => codebuild.lookAt(buildId, signal), signal)).build;
    });
  } catch (error) {
    if (error instanceof AwsCallError) return undefined;
    throw error;
  }
}
