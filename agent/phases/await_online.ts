import { RunnerError } from "../../shared/program/errors.ts";
import { waitFor } from "../../shared/program/wait.ts";
import type { LifecycleSettings } from "../life/lifecycle_state.ts";
import { type Heard, RunnerEar } from "../watch/runner_ear.ts";
import type { WatchedRunner } from "../watch/watched_runner.ts";
import type { OnlineLooks } from "../ask/online_looks.ts";
import type { PhaseDeps } from "./phase.ts";

/** How long a launched runner may take to come online, in milliseconds. */
const ONLINE_TIMEOUT_MS = 5 * 60_000;
/** Looks at Bitbucket while the output does not speak of ONLINE, in case its words have changed: the first, and the last gap. */
const UNPROMPTED_LOOK_MS = 4_000;
const LONGEST_UNPROMPTED_MS = 30_000;
/** A runner says that it is online when it begins to tell Bitbucket: a look in the same moment would come too early. */
const TELLING_MS = 250;
/** How long a runner runs that is taken for online although it says nothing that is understood, where nobody can ask. */
const UNHEARD_MS = 60_000;

interface OnlineDeps extends Pick<PhaseDeps, "host" | "log" | "signal"> {
  /** Where several are waited for at once. */
  readonly looks?: Pick<OnlineLooks, "getRunner">;
}

/**
 * Waits until Bitbucket calls the runner ONLINE, or where it is not asked until the runner says so itself, and returns what
 * it has running by then: that is part of itself, and not a step's. Throws `RunnerError` when it ends first, or takes too long.
 */
export async function awaitOnline(
  deps: OnlineDeps,
  runner: WatchedRunner,
  { bitbucket = "asked" }: Partial<Pick<LifecycleSettings, "bitbucket">> = {},
): Promise<readonly string[]> {
  const ear = new RunnerEar(deps.host, deps.log, runner);
  return bitbucket === "asked"
    ? await awaitBitbucket(deps, runner, ear)
    : await awaitOwnWord(deps, runner, ear);
}

async function awaitBitbucket(
  deps: OnlineDeps,
  runner: WatchedRunner,
  ear: RunnerEar,
): Promise<readonly string[]> {
  const look = (uuid: string) =>
    deps.looks?.getRunner(uuid) ?? runner.bitbucket.getRunner(uuid, { signal: deps.signal });
  let saysOnline = false;
  let status = "unknown";
  let patienceMs = UNPROMPTED_LOOK_MS;
  let before: readonly string[] = [];
  const outcome = await waitFor(deps.host, async () => {
    const until = deps.host.monotonicMs() + (saysOnline ? 0 : patienceMs);
    patienceMs = Math.min(patienceMs * 1.5, LONGEST_UNPROMPTED_MS);
    // Listened to even when it has said so: it may still end before Bitbucket knows it.
    const heard = await hearOnline(deps, ear, until) !== undefined;
    const now = await runner.control.work() ?? [];
    if (heard && !saysOnline) await deps.host.sleep(TELLING_MS, deps.signal);
    saysOnline ||= heard;
    const seen = await look(runner.uuid);
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

async function awaitOwnWord(
  deps: OnlineDeps,
  runner: WatchedRunner,
  ear: RunnerEar,
): Promise<readonly string[]> {
  const end = deps.host.monotonicMs() + UNHEARD_MS;
  let before: readonly string[] | undefined;
  for (;;) {
    const until = Math.min(end, deps.host.monotonicMs() + UNPROMPTED_LOOK_MS);
    const heard = await hearOnline(deps, ear, until);
    const now = await runner.control.work() ?? [];
    if (heard !== undefined) {
      // A step that has begun already has its processes too.
      return [...heard, ...await ear.hearNow()].some(beginsStep) ? before ?? [] : now;
    }
    // Whoever is mute may have a step by now: its processes were not there from the beginning.
    before = before?.filter((id) => now.includes(id)) ?? now;
    if (deps.host.monotonicMs() < end) continue;
    deps.log.warning(
      `What the runner (${runner.version}) writes is not understood: it has run for a minute, and is taken for online`,
    );
    return before;
  }
}

function beginsStep({ type }: Heard[number]): boolean {
  return type === "step started";
}

/** What the runner says when it is online before a moment in monotonic milliseconds; undefined when it does not. */
async function hearOnline(
  deps: Pick<PhaseDeps, "host" | "signal">,
  ear: RunnerEar,
  untilMs: number,
): Promise<Heard | undefined> {
  for (;;) {
    const heard = await ear.listen(untilMs, deps.signal);
    if (heard.some((event) => event.type === "pulse" && event.pulse === "dead")) {
      throw new RunnerError("The runner ended before it was online", {
        hint: `Its last lines: ${ear.lastLines.slice(-10).join(" / ") || "none"}`,
      });
    }
    if (heard.some((event) => event.type === "online" || beginsStep(event))) return heard;
    if (deps.host.monotonicMs() >= untilMs) return undefined;
  }
}
