import { messageOf } from "../../shared/program/errors.ts";
import { runnerName } from "../../shared/leftovers/runner_name.ts";
import { runnerLabels } from "../../shared/settings/runner_labels.ts";
import { readBundle } from "../settings/bundle.ts";
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
    log: alone ? deps.log : deps.log.about({ words: `[${number}] `, fields: { runnerNumber: number } }),
  }));
}

/**
 * The runners that an earlier phase has left something of, by what it has written. One whose state cannot be read does not
 * hold up the others: it is «lost», known by its name alone.
 */
export async function leftRunners(deps: PhaseDeps): Promise<LeftRunner[]> {
  const each = eachRunner(deps, await numbersWithState(deps.config.runnerHome));
  const left = await Promise.all(each.map(async (deps) => ({ deps, state: await stateOrLost(deps) })));
  return left.flatMap(({ deps, state }) => state === undefined ? [] : [{ deps, state }]);
}

async function stateOrLost(deps: RunnerDeps): Promise<AgentState | undefined> {
  try {
    return await deps.stateFile.read();
  } catch (error) {
    deps.log.warning(`${messageOf(error)}; the runner is looked for by its name`);
    return await lostState(deps);
  }
}

async function lostState({ config, host, log, number }: RunnerDeps): Promise<AgentState> {
  const type = await readBundle(config, log).then((bundle) => bundle.type).catch(() => "shell" as const);
  return {
    type,
    name: runnerName(config.buildId, number),
    labels: runnerLabels(type, host.arch, config.labels),
    logFile: `${runnerFolder(config, number)}/runner.log`,
    baseline: [],
    leftoversDoubtful: false,
    online: false,
    removed: false,
    lost: true,
    requests: 0,
  };
}

/** Where what belongs to one of the runners alone is kept. */
export function runnerFolder({ runnerHome }: PhaseDeps["config"], number: number): string {
  return number === 1 ? runnerHome : `${runnerHome}/runner-${number}`;
}
