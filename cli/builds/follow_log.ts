import type { KnownBuild, Look } from "../../shared/aws/aws_codebuild.ts";
import type { AwsOptions } from "../../shared/aws/aws_client.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import type { createLogReader, LogEvent, LogPage } from "../../shared/aws/aws_logs.ts";
import { hasEnded } from "../../shared/aws/has_ended.ts";
import { EXIT_CODES, ProgramError } from "../../shared/program/errors.ts";
import { logPlace } from "../log/build_log.ts";
import { LookPace } from "../wait/look_pace.ts";
import type { Project } from "./project.ts";

export interface LogFollowing extends Project {
  /** Whether to wait for what is still to come, until the build has ended; else what is there is shown. */
  readonly follow: boolean;
  /** Takes what was logged, in its order; where nobody does, the log is not read. */
  readonly show: ((event: LogEvent) => void) | undefined;
  /** Whether nobody wants any more, whatever the build does; asked after each page. */
  readonly enough?: () => boolean;
}

/** What came of it. */
export interface Followed {
  /** The build as it was seen last. */
  readonly build: KnownBuild;
  /** Whether there was a log at all. */
  readonly found: boolean;
}

/** CloudWatch shows a line within seconds of its being written: an ended build's log is at its end when so many looks find nothing. */
const LAST_LOOKS = 2;
/** After so many empty pages in a row there is nothing yet, whatever their tokens promise. */
const MOST_EMPTY_PAGES = 100;
/** After so many looks that found nothing the next ones come more rarely. */
const QUIET_LOOKS = 15;

/**
 * Shows a build's log from its beginning, and with `follow` waits for more until the build has ended. Looks that fail for
 * now are repeated; rejects with `AwsCallError` where AWS refuses, with `ProgramError` where the build is not seen any more, and as
 * `signal` does.
 */
export async function followLog(following: LogFollowing, given: KnownBuild): Promise<Followed> {
  const { host, follow, show, signal } = following;
  const read = pageReader(following);
  const pace = new LookPace();
  let build = given;
  let token: string | undefined;
  let seenMs = host.monotonicMs();
  for (let quiet = 0, last = 0, empty = 0;;) {
    const page = await read(build, token);
    for (const event of page?.events ?? []) show?.(event);
    if (following.enough?.()) return { build, found: true };
    // An empty page is no end; only a token that stays the same is, for now.
    const moved = page !== undefined && page.token !== token;
    token = page?.token ?? token;
    if (page !== undefined && page.events.length > 0) quiet = last = empty = 0;
    if (moved && empty++ < MOST_EMPTY_PAGES) continue;
    empty = 0;
    quiet++;
    if (hasEnded(build)) last++;
    if (!follow || last >= LAST_LOOKS) return { build, found: token !== undefined };
    await host.sleep(pace.nextMs({ queued: quiet > QUIET_LOOKS, throttled: false }), signal);
    if (hasEnded(build)) continue;
    const look = await lookAgain(following, build);
    if (look?.build !== undefined) [build, seenMs] = [look.build, host.monotonicMs()];
    else refuseUnseen(build, look, host.monotonicMs() - seenMs);
  }
}

/** CodeBuild may not know a build for a moment after it has accepted it; and it may be out of reach for a while, in milliseconds. */
const LONGEST_UNKNOWN_MS = 60_000;
const LONGEST_UNSEEN_MS = 15 * 60_000;

/** Nobody waits for ever for a build that is gone, or that nobody can see. */
function refuseUnseen({ id }: KnownBuild, look: Look | undefined, unseenMs: number): void {
  const [longestMs, why] = look === undefined
    ? [LONGEST_UNSEEN_MS, "AWS does not show it"]
    : [LONGEST_UNKNOWN_MS, "CodeBuild does not know it"];
  if (unseenMs <= longestMs) return;
  throw new ProgramError(
    `Cannot follow build ${id}: ${why}, for ${Math.round(unseenMs / 60_000)} min now`,
    EXIT_CODES.failed,
    { hint: "look at it in the console of CodeBuild: it may go on, or have been deleted" },
  );
}

/** Reads the next page; undefined where there is no log yet, or where looking fails for now. */
function pageReader(
  following: LogFollowing,
): (build: KnownBuild, token: string | undefined) => Promise<LogPage | undefined> {
  const { session, show, signal } = following;
  let known: { readonly options: AwsOptions; readonly read: ReturnType<typeof createLogReader> } | undefined;
  return async (build, token) => {
    const place = logPlace(build);
    if (place === undefined || show === undefined) return undefined;
    return await unlessPassing(following, () =>
      session.use(async (options) => {
        // New credentials need a new client.
        if (known?.options !== options) {
          const { createLogReader } = await import("../../shared/aws/aws_logs.ts");
          known = { options, read: createLogReader(options) };
        }
        return await known.read(place, token, signal);
      }, signal));
  };
}

/** What a look at the build shows; undefined where looking fails for now. */
function lookAgain(following: LogFollowing, { id }: KnownBuild): Promise<Look | undefined> {
  const { session, signal } = following;
  return unlessPassing(
    following,
    () => session.call((codebuild) => codebuild.lookAt(id, signal), signal),
  );
}

/** A stream that is not there yet is nothing to speak of; other failures that pass by themselves are. */
async function unlessPassing<T>(
  { log, follow }: LogFollowing,
  look: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    if (error.call === "GetLogEvents" && error.kind === "not found") return undefined;
    if (!follow || (error.kind !== "unavailable" && error.kind !== "throttled")) throw error;
    log.warning(`${error.message}; looking again later`);
    return undefined;
  }
}
