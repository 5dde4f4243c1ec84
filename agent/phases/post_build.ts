import { messageOf, RunnerError } from "../../shared/program/errors.ts";
import { advance, startLifecycle } from "../life/lifecycle.ts";
import type { AgentState } from "../settings/agent_schema.ts";
import { RunnerEar } from "../watch/runner_ear.ts";
import { liveOut } from "../watch/runner_life.ts";
import { StepClock } from "../times/step_clock.ts";
import { leftRunners } from "./runner_deps.ts";
import {
  hearsay,
  lifecycleSettings,
  type PhaseDeps,
  recordEnd,
  type RunnerDeps,
  tellRequests,
  wasRemoved,
  watchedRunner,
} from "./phase.ts";

/**
 * The post_build phase: whatever an earlier phase left, however it ended, is drained, stopped and
 * unregistered. Safe to run twice, and where there is nothing to do.
 */
export async function postBuild(deps: PhaseDeps): Promise<void> {
  const all = await leftRunners(deps);
  const left = all.filter(({ state }) => !state.removed);
  if (left.length === 0) return;
  const outcomes = await Promise.allSettled(
    left.map(({ deps: one, state }) => removeRunner(one, state, "its build is ending")),
  );
  tellRequests(deps, all[0]?.state.requests);
  const [first, ...others] = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason] : []
  );
  for (const other of others) deps.log.warning(messageOf(other));
  if (first !== undefined) throw first;
}

/**
 * Makes a runner leave: closed, idle, stopped, unregistered; a step on it is waited for, since no phase follows that
 * could. Throws `RunnerError` when it stays registered.
 */
export async function removeRunner(deps: RunnerDeps, state: AgentState, why: string): Promise<void> {
  const uuid = state.runnerUuid ?? deps.config.identities[deps.number - 1]?.uuid ??
    await findByName(deps, state.name);
  if (uuid === undefined) {
    await deps.stateFile.write({ ...state, removed: true });
    return;
  }
  using runner = watchedRunner(deps, state, uuid);
  const ear = new RunnerEar(deps.host, deps.log, runner);
  const now = deps.host.monotonicMs();
  const settings = lifecycleSettings(deps.config, { handsOver: false });
  const begun = hearsay(ear, startLifecycle(settings, now), deps);
  const leaving = advance(begun, { type: "told to leave", why }, now);
  // A runner that is dead already needs no closing, only its registration removed.
  const start = advance(leaving, { type: "pulse", pulse: await runner.control.pulse() }, now);
  // With several runners the build's own clock has taken their time already, as far as it went.
  const clock = new StepClock(() => deps.host.now(), state.times?.steps);
  const life = await liveOut({ ...deps, runner, ear, clock }, start);
  await recordEnd(deps, { ...state, times: { ...state.times, steps: clock.times } }, life, ear);
  if (!wasRemoved(life)) {
    throw new RunnerError(`The runner ${state.name} stays registered`, {
      hint:
        "The next build of this project removes it; or delete it in Bitbucket's repository settings, under Runners",
    });
  }
}

/** The registration was under way when the phase ended: it is known by its name alone. */
async function findByName(deps: PhaseDeps, name: string): Promise<string | undefined> {
  const runners = await deps.bitbucket.listRunners();
  return runners.find((runner) => runner.name === name)?.uuid;
}
