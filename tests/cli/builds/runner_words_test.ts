import assert from "node:assert/strict";
import { runnerWords } from "../../../cli/builds/runner_words.ts";
import type { Runner } from "../../../shared/calls/bitbucket_schema.ts";
import { runnerName } from "../../../shared/leftovers/runner_name.ts";

const BUILD = "ci:0a1b2c3d-0000-4000-8000-000000000001";
const OTHER = "ci:99999999-0000-4000-8000-000000000001";

/** As many runners as there are states, with that of another build among them; `busy` is ONLINE with a step. */
function registered(states: readonly string[]): Runner[] {
  const runners = states.map((state, index) => {
    const own = state === "busy" ? { status: "ONLINE", step: { uuid: "{s}" } } : { status: state };
    return { uuid: `{${index}}`, name: runnerName(BUILD, index + 1), labels: [], state: own };
  });
  const other = { uuid: "{o}", name: runnerName(OTHER), labels: [], state: { status: "OFFLINE" } };
  return [other, ...runners] as unknown as Runner[];
}

const WORDS: readonly (readonly [runners: number, states: readonly string[], words: string])[] = [
  [1, ["busy"], "busy"],
  [1, ["UNREGISTERED"], "UNREGISTERED"],
  [1, [], "none"],
  [4, [], "none"],
  [4, ["busy", "busy", "ONLINE", "ONLINE"], "4 runners, 2 busy"],
  [2, ["ONLINE", "ONLINE"], "2 runners, ONLINE"],
  [3, ["OFFLINE", "busy", "ONLINE"], "3 runners, 1 busy, 1 OFFLINE"],
  [4, ["busy"], "1 of 4 runners, 1 busy"],
  // Nobody says how many there are to be, where that is kept elsewhere.
  [1, ["ONLINE", "ONLINE"], "2 runners, ONLINE"],
];

for (const [runners, states, words] of WORDS) {
  Deno.test(`\`runnerWords()\` says «${words}» of ${runners} runners that are ${states.join(", ") || "gone"}`, () => {
    const names = Array.from({ length: runners }, (_, index) => runnerName(BUILD, index + 1));
    assert.equal(runnerWords({ id: BUILD, runners: names }, registered(states)), words);
  });
}
