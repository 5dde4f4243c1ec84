import type { KnownBuild, Look } from "../../shared/aws/aws_codebuild.ts";
import { AwsCallError } from "../../shared/aws/aws_errors.ts";
import type { StartContext } from "../aws/aws_session.ts";
import { isQueued } from "./build_progress.ts";
import { keepSession } from "./keep_session.ts";
import { LookPace } from "./look_pace.ts";

/** Looks at builds whose runners are waited for. */
export interface BuildLooks {
  /**
   * Looks at a build when it is time to; undefined where the look failed for now. Rejects where AWS refuses looks, where the
   * role's session comes to its end, and as the signal does.
   */
  next(build: KnownBuild, signal: AbortSignal): Promise<Look | undefined>;
}

/** Looks at one build, at its own pace. */
export class OwnLooks implements BuildLooks {
  readonly #context: Pick<StartContext, "host" | "log" | "session">;
  readonly #pace = new LookPace();
  #delayMs = this.#pace.firstMs;

  constructor(context: Pick<StartContext, "host" | "log" | "session">) {
    this.#context = context;
  }

  async next(build: KnownBuild, signal: AbortSignal): Promise<Look | undefined> {
    const { host, log, session } = this.#context;
    await host.sleep(this.#delayMs, signal);
    await keepSession({ session, log, signal }, build.id);
    const lookedMs = host.monotonicMs();
    const look = await session.call((codebuild) => codebuild.lookAt(build.id, signal), signal).catch(
      (error) => {
        if (!isPassing(error)) throw error;
        log.warning(`${error.message}; looking again later`);
        return undefined;
      },
    );
    const queued = isQueued(look?.build ?? build);
    const intervalMs = this.#pace.nextMs({ queued, throttled: look?.retried ?? true });
    this.#delayMs = Math.max(intervalMs - (host.monotonicMs() - lookedMs), 0);
    return look;
  }
}

/** Whether a look has failed in a way that says nothing of the next one. */
export function isPassing(error: unknown): error is AwsCallError {
  return error instanceof AwsCallError && (error.kind === "unavailable" || error.kind === "throttled");
}
