import assert from "node:assert/strict";
import type { Hands } from "../../../agent/life/lifecycle_state.ts";
import { RunnerHands } from "../../../agent/watch/runner_hands.ts";
import { standInControl } from "./stand_in_control.ts";

/** What the runner has running at each look, and what is told of it then. */
type Look = readonly [running: readonly string[] | undefined, told: Hands | undefined];

const STORIES: readonly { name: string; baseline?: string[]; looks: readonly Look[] }[] = [
  { name: "tells at once that nothing runs, and then nothing more", looks: [[[], "idle"], [[], undefined]] },
  {
    name: "believes what runs at the second look",
    looks: [[[], "idle"], [["1:9"], undefined], [["1:9"], "busy"]],
  },
  {
    name: "does not believe a helper that is gone at the next look",
    looks: [[[], "idle"], [["1:9"], undefined], [[], undefined], [["2:9"], undefined], [[], undefined]],
  },
  {
    name: "takes what changes all the time for busy",
    looks: [[[], "idle"], [["1:9"], undefined], [["2:9"], "busy"], [["3:9"], undefined]],
  },
  {
    name: "takes for the runner itself what ran when it came online",
    baseline: ["1:9"],
    looks: [[["1:9"], "idle"], [["1:9", "2:9"], undefined], [["1:9", "2:9"], "busy"], [["1:9"], undefined], [[
      "1:9",
    ], "idle"]],
  },
  {
    name: "says when it cannot tell, which is not the same as nothing",
    looks: [[[], "idle"], [undefined, undefined], [undefined, "unknown"], [[], "idle"]],
  },
];

for (const { name, baseline = [], looks } of STORIES) {
  Deno.test(`\`RunnerHands\` ${name}`, async () => {
    const control = standInControl();
    const hands = new RunnerHands({ monotonicMs: () => 0 }, control, baseline);
    for (const [index, [running, told]] of looks.entries()) {
      control.running = running;
      assert.equal(await hands.look(), told, `look ${index + 1}`);
    }
  });
}

Deno.test("`RunnerHands` leaves out what is left of a step that is over, and tells of the next one", async () => {
  const control = standInControl();
  const hands = new RunnerHands({ monotonicMs: () => 0 }, control, []);
  await hands.look();
  control.running = ["daemon"];
  hands.stepSaidOver();
  assert.equal(await hands.look(), undefined);
  assert.equal(await hands.full(), false);
  control.running = ["daemon", "next step"];
  assert.equal(await hands.look(), undefined);
  assert.equal(await hands.look(), "busy");
  assert.deepEqual(hands.baseline, ["daemon"]);
});

Deno.test("`RunnerHands` looks twice a second", async () => {
  let now = 0;
  const hands = new RunnerHands({ monotonicMs: () => now }, standInControl(), []);
  assert.equal(hands.nextLook, 0);
  now = 10_000;
  await hands.look();
  assert.equal(hands.nextLook, 10_500);
});

Deno.test("`RunnerHands` takes nothing for the rest of a step once the next one has begun", async () => {
  const control = standInControl();
  const hands = new RunnerHands({ monotonicMs: () => 0 }, control, []);
  await hands.look();
  hands.stepSaidOver();
  hands.stepSaidBegun();
  control.running = ["next step"];
  await hands.look();
  assert.equal(await hands.look(), "busy");
  assert.deepEqual(hands.baseline, []);
});
