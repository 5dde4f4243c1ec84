import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { type HeldBuild, readHeldBuild, SESSION_REMEDY } from "../../shared/output/held_build.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { logPlace } from "../log/build_log.ts";

/** Behind the agent's line come a few of its own, and perhaps those of a clean-up. */
const LINES = 60;
/** A build that may be held and is not has ended by then, in milliseconds. */
const DOUBT_MS = 20_000;

/** Looks in a build's log for the agent's word that it holds the build. */
export interface HoldWatch {
  /** What the agent has said, once `isHeld` has told so. */
  readonly held: HeldBuild | undefined;
  readonly isHeld: (build: KnownBuild, signal: AbortSignal) => Promise<boolean>;
}

/**
 * The watch of a start that has its build held after a failure; undefined where it has not, so that nobody else's start reads
 * the log. Until the runner is online no step has run that could write there what the agent says.
 */
export function holdWatch(
  { host, config, session }: Pick<StartContext, "host" | "config" | "session">,
): HoldWatch | undefined {
  if (!config.debugMinutes) return undefined;
  let held: HeldBuild | undefined;
  let doubtfulSinceMs: number | undefined;
  return {
    get held() {
      return held;
    },
    async isHeld(build, signal) {
      const place = logPlace(build);
      if (place === undefined || build.currentPhase !== "PRE_BUILD") return false;
      // Whoever may not read the log goes on looking at the build.
      const lines = await session.lastLogLines(place, LINES, signal).catch(() => []);
      const said = lines.map(readHeldBuild).findLast((one) => one !== undefined);
      if (said === undefined) return false;
      doubtfulSinceMs ??= host.monotonicMs();
      if (said.sure || host.monotonicMs() - doubtfulSinceMs >= DOUBT_MS) held = said;
      return held !== undefined;
    },
  };
}

/** What is said of a build that is to be held after a failure, and that nobody can get into; undefined where somebody can. */
export function withoutSession(
  { id, debugSession }: KnownBuild,
  { debugMinutes }: Pick<StartContext["config"], "debugMinutes">,
): string | undefined {
  if (!debugMinutes || debugSession?.sessionTarget !== undefined) return undefined;
  return `CodeBuild names no session for build ${id} so far, and without one it is not held, as --debug-on-failure asks: ` +
    SESSION_REMEDY;
}
