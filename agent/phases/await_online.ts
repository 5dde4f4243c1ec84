import { RunnerError } from "../../shared/program/errors.ts";
import { waitFor } from "../../shared/program/wait.ts";
import { RunnerEar } from "../watch/runner_ear.ts";
import type { WatchedRunner } from "../watch/watched_runner.ts";
import type { PhaseDeps } from "./phase.ts";

/** How long a launched runner may take to come online, in milliseconds. */
const ONLINE_TIMEOUT_MS = 5 * 60_000;
/** Looks at Bitbucket while the output does not speak of ONLINE, in case its words have changed: the first, and the last gap. */
const UNPROMPTED_LOOK_MS = 4_000;
const LONGEST_UNPROMPTED_MS = 30_000;

/**
 * Waits until Bitbucket calls the runner ONLINE, and returns what it has running by then: that is part of itself, and
 * not a step's. Throws `RunnerError` when it ends first, or takes too long.
 */
export async function awaitOnline(
  deps: Pick<PhaseDeps, "host" | "log" | "signal">,
  runner: WatchedRunner,
): Promise<readonly string[]> {
  const ear = new RunnerEar(deps.host, deps.log, runner);
  let saysOnline = false;
  let status = "unknown";
  let patienceMs = UNPROMPTED_LOOK_MS;
  let before: readonly string[] = [];
  const outcome = await waitFor(deps.host, async () => {
    const until = deps.host.monotonicMs() + (saysOnline ? 0 : patienceMs);
    patienceMs = Math.min(patienceMs * 1.5, LONGEST_UNPROMPTED_MS);
    // Listened to even when it has said so: it may still end before Bitbucket knows it.
    saysOnline = await hearOnline(deps, ear, until) || saysOnline;
    const now = await runner.control.work() ?? [];
    const seen = await runner.bitbucket.getRunner(runner.uuid, { signal: deps.signal });
    status = seen?.state.status ?? "gone";
    // A runner that has a step already has its processes too.
    if (status === "ONLINE") return seen?.state.step ? before : now;
    before = now;
    return undefined;
  }, {
    timeoutMs: ONLINE_TIMEOUT_MS,
    intervalMs: (look) => saysOnline ? Math.min(250 * 2 ** look, 5_000) : 0,
    signal: deps.signal,
  });
  if (outcome.kind === "done") return outcome.value;
  throw new RunnerError(`The runner was not online within five minutes; Bitbucket says ${status}`, {
    hint: `Its last lines: ${ear.lastLines.slice(-5).join(" / ") || "none"}`,
  });
}

/** Whether the runner says that it is online before a moment in monotonic milliseconds. */
async function hearOnline(
  deps: Pick<PhaseDeps, "host" | "signal">,
  ear: RunnerEar,
  untilMs: number,
): Promise<boolean> {
  for (;;) {
    const heard = await ear.listen(untilMs, deps.signal);
    if (heard.some((event) => event.type === "pulse" && event.pulse === "dead")) {
      throw new RunnerError("The runner ended before it was online", {
        hint: `Its last lines: ${ear.lastLines.slice(-10).join(" / ") || "none"}`,
      });
    }
    if (heard.some((event) => event.type === "online")) return true;
    if (deps.host.monotonicMs() >= untilMs) return false;
  }
}
