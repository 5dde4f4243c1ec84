import type { KnownBuild } from "../../shared/aws/aws_codebuild.ts";
import type { StartContext } from "../aws/aws_session.ts";
import type { Heartbeat } from "../progress/heartbeat.ts";
import { PhaseNews, phaseUnderWay, phaseWord } from "../progress/phase_news.ts";
import type { BuildLooks } from "./build_looks.ts";
import { runnerState } from "./build_progress.ts";

/** Its signal ends the wait; the startup timeout is part of that. */
export interface RunnerWait extends Pick<StartContext, "host" | "log" | "signal"> {
  readonly looks: BuildLooks;
  /** Told of each look that showed the build, so that whoever ends the wait knows how far it was, and when. */
  readonly seen: (build: KnownBuild) => void;
  readonly heartbeat: Pick<Heartbeat, "waitsFor">;
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
  const { host, looks, signal } = wait;
  const news = new PhaseNews();
  let build = started;
  wait.seen(build);
  let knownMs = host.monotonicMs();
  for (;;) {
    tell(wait, news, build);
    const state = runnerState(build);
    if (state !== "waiting") return state;
    if (await wait.isHeld?.(build, signal)) return "held";
    const phase = phaseUnderWay(build);
    if (phase !== undefined) wait.heartbeat.waitsFor(phase, phaseWord(phase));
    const look = await looks.next(build, signal);
    const lookedMs = host.monotonicMs();
    if (look?.build !== undefined) {
      build = look.build;
      wait.seen(build);
      knownMs = lookedMs;
    } else if (look !== undefined && lookedMs - knownMs > UNKNOWN_TOLERATED_MS) return "ended";
  }
}

function tell({ log }: RunnerWait, news: PhaseNews, build: KnownBuild): void {
  for (const { message, fields, brief } of news.ended(build)) {
    if (brief) log.detail(message, { build: build.id, ...fields });
    else log.info(message, { build: build.id, ...fields });
  }
}
