import type { AgentState } from "../settings/agent_schema.ts";
import { numbersWithState } from "../settings/state_file.ts";
import type { PhaseDeps, RunnerDeps } from "./phase.ts";

/** A runner that an earlier phase has left something of. */
export interface LeftRunner {
  readonly deps: RunnerDeps;
  readonly state: AgentState;
}

/** What each of so many runners is worked with: where there are several, each has a state of its own and says who it is. */
export function eachRunner(deps: PhaseDeps, numbers: readonly number[]): RunnerDeps[] {
  const alone = numbers.length === 1 && numbers[0] === 1;
  return numbers.map((number) => ({
    ...deps,
    number,
    stateFile: deps.stateFile.numbered(number),
    log: alone ? deps.log : deps.log.prefixed(`[${number}] `),
  }));
}

/** The runners that an earlier phase has left something of, by what it has written. Rejects with `RunnerError`. */
export async function leftRunners(deps: PhaseDeps): Promise<LeftRunner[]> {
  const each = eachRunner(deps, await numbersWithState(deps.config.runnerHome));
  const states = await Promise.all(each.map(({ stateFile }) => stateFile.read()));
  return each.flatMap((deps, index) => {
    const state = states[index];
    return state === undefined ? [] : [{ deps, state }];
  });
}
