import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import { hasBeenOnline, isFarFromOnline } from "../wait/build_progress.ts";

/** What is known of a build at the moment when nobody waits for its runner any more. */
export interface Knowledge {
  /** The build as a look right now shows it; undefined where that look failed. */
  readonly fresh: KnownBuild | undefined;
  /** The build as it was seen last before that. */
  readonly last: KnownBuild;
  /** How old that is, in milliseconds. */
  readonly lastAgeMs: number;
}

/** A build takes longer than this many milliseconds from the phases before `pre_build` to a runner that is online. */
const EARLY_FOR_MS = 10_000;

/** What to do about the build, and where it is left to its agent, why. */
export type Parting =
  | { readonly kind: "over" | "stop" }
  | { readonly kind: "leave"; readonly why: string };

/**
 * Whether a build may be stopped: a runner that is online may serve a step of another pipeline, and its agent sees by
 * itself that the pipeline is over. Where nobody can say, only a build that was far from it a moment ago is stopped.
 */
export function partingFrom({ fresh, last, lastAgeMs }: Knowledge): Parting {
  const build = fresh ?? last;
  if (hasEnded(build)) return { kind: "over" };
  if (hasBeenOnline(build)) return { kind: "leave", why: "its runner is online" };
  if (fresh !== undefined) return { kind: "stop" };
  if (isFarFromOnline(last) && lastAgeMs <= EARLY_FOR_MS) return { kind: "stop" };
  return { kind: "leave", why: "CodeBuild does not tell whether its runner is online" };
}
