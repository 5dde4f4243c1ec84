import type { KnownBuild, Look } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import type { AwsSession, StartContext } from "../aws/aws_session.ts";
import type { Heartbeat } from "../progress/heartbeat.ts";
import { PhaseNews, phaseUnderWay, phaseWord } from "../progress/phase_news.ts";
import { isQueued, runnerState } from "./build_progress.ts";
import { keepSession } from "./keep_session.ts";
import { LookPace } from "./look_pace.ts";

/** Its signal ends the wait; the startup timeout is part of that. */
export interface RunnerWait extends StartContext {
  /** Told of each look that showed the build, so that whoever ends the wait knows how far it was, and when. */
  readonly seen: (build: KnownBuild) => void;
  readonly heartbeat: Heartbeat;
  /** Whether the build is held, since its runner did not come up. Never rejects. */
  readonly isHeld?: ((build: KnownBuild, signal: AbortSignal) => Promise<boolean>) | undefined;
}

/** CodeBuild may not know a build for a moment after it has accepted it; after this long it is gone. */
const UNKNOWN_TOLERATED_MS = 60_000;

/**
 * Looks at the build until its runner is online, or the build has ended or is held, and tells of each phase. Looks that fail do
 * not end the wait, unless AWS refuses them.
 */
export async function awaitRunner(
  wait: RunnerWait,
  started: KnownBuild,
): Promise<"online" | "ended" | "held"> {
  const { host, log, session, signal } = wait;
  const pace = new LookPace();
  const news = new PhaseNews();
  let build = started;
  wait.seen(build);
  let knownMs = host.monotonicMs();
  let delayMs = pace.firstMs;
  for (;;) {
    tell(wait, news, build);
    const state = runnerState(build);
    if (state !== "waiting") return state;
    if (await wait.isHeld?.(build, signal)) return "held";
    const phase = phaseUnderWay(build);
    if (phase !== undefined) wait.heartbeat.waitsFor(phase, phaseWord(phase));
    await host.sleep(delayMs, signal);
    await keepSession(wait, build.id);
    const lookedMs = host.monotonicMs();
    const look = await lookAgain(session, build.id, { log, signal });
    if (look?.build !== undefined) {
      build = look.build;
      wait.seen(build);
      knownMs = lookedMs;
    } else if (look !== undefined && lookedMs - knownMs > UNKNOWN_TOLERATED_MS) return "ended";
    const intervalMs = pace.nextMs({ queued: isQueued(build), throttled: look?.retried ?? true });
    delayMs = Math.max(intervalMs - (host.monotonicMs() - lookedMs), 0);
  }
}

function tell({ log }: RunnerWait, news: PhaseNews, build: KnownBuild): void {
  for (const { message, fields, brief } of news.ended(build)) {
    if (brief) log.detail(message, { build: build.id, ...fields });
    else log.info(message, { build: build.id, ...fields });
  }
}

/** What the look found, or undefined when it failed for now. */
async function lookAgain(
  session: AwsSession,
  buildId: string,
  { log, signal }: Pick<RunnerWait, "log" | "signal">,
): Promise<Look | undefined> {
  try {
    return await session.call((codebuild) => codebuild.lookAt(buildId, signal), signal);
  } catch (error) {
    const passing = error instanceof AwsCallError && ["unavailable", "throttled"].includes(error.kind);
    if (!passing) throw error;
    log.warning(`${error.message}; looking again later`);
    return undefined;
  }
}
