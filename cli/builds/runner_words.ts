import type { Runner } from "../../shared/calls/bitbucket_schema.ts";
import { isRunnerOf } from "../../shared/leftovers/runner_name.ts";
import type { BuildRecord } from "./build_record.ts";

/**
 * What a build's runners do, of all that are registered in its repository: one by its state, several by their number and by those that
 * are not just ONLINE, as in «4 runners, 2 busy».
 */
export function runnerWords(
  { id, runners }: Pick<BuildRecord, "id" | "runners">,
  registered: readonly Runner[],
): string {
  const states = registered.filter(({ name }) => isRunnerOf(name, id)).map(stateOf);
  const [only = "none"] = states;
  if (states.length === 0 || runners.length < 2 && states.length < 2) return only;
  const missing = states.length < runners.length;
  const number = missing ? `${states.length} of ${runners.length} runners` : `${states.length} runners`;
  const others = [...new Set(states)].filter((state) => state !== "ONLINE").sort(busyFirst);
  const counted = others.map((state) => `${states.filter((one) => one === state).length} ${state}`);
  return [number, ...counted.length === 0 ? ["ONLINE"] : counted].join(", ");
}

function stateOf({ state }: Runner): string {
  return state.step ? "busy" : state.status;
}

function busyFirst(one: string, other: string): number {
  return Number(other === "busy") - Number(one === "busy");
}
