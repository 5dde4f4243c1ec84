import assert from "node:assert/strict";
import { timeline, timelineText } from "../../../agent/times/timeline.ts";
import type { BuildTimes } from "../../../agent/settings/agent_schema.ts";

const T0 = 1_700_000_000_000;
const at = (seconds: number) => T0 + seconds * 1000;
const AGENT = { begunMs: at(10), onlineMs: at(15) };
const STEP = { steps: { firstMs: at(17), lastMs: at(57), busyMs: 40_000 } };

const CASES: readonly (readonly [name: string, times: BuildTimes, endS: number, text: string])[] = [
  [
    "tells what comes before install as one, since a build does not know it apart",
    { startedMs: T0, installMs: at(7), ...AGENT, ...STEP },
    60,
    "before install 7 s, install 3 s, online 5 s, idle before the step 2 s, step 40 s, tail 3 s; in all 60 s, 8 % of it idle",
  ],
  [
    "tells queue and machine apart where CodeBuild was asked",
    { startedMs: T0, installMs: at(7), queuedS: 2, provisioningS: 6, ...AGENT, ...STEP },
    60,
    "queued 2 s, provisioning 6 s, install 2 s, online 5 s, idle before the step 2 s, step 40 s, tail 3 s; in all 60 s, 8 % of it idle",
  ],
  [
    "does without the install's beginning",
    { startedMs: T0, ...AGENT, ...STEP },
    60,
    "before the agent 10 s, online 5 s, idle before the step 2 s, step 40 s, tail 3 s; in all 60 s, 8 % of it idle",
  ],
  [
    "counts pauses between steps as idle",
    { startedMs: T0, ...AGENT, steps: { firstMs: at(17), lastMs: at(57), busyMs: 10_000 } },
    60,
    "before the agent 10 s, online 5 s, idle before the step 2 s, step 10 s, idle between steps 30 s, tail 3 s; in all 60 s, 58 % of it idle",
  ],
  [
    "knows a build that served nothing",
    { startedMs: T0, ...AGENT },
    60,
    "before the agent 10 s, online 5 s, idle 45 s; in all 60 s, 75 % of it idle",
  ],
  ["does without CodeBuild's word", AGENT, 60, "online 5 s, idle 45 s; in all 50 s, 90 % of it idle"],
  [
    "leaves out what a clock that was set makes nonsense of",
    { startedMs: at(99), ...AGENT, ...STEP },
    60,
    "online 5 s, idle before the step 2 s, step 40 s, tail 3 s; in all 0 s",
  ],
];

for (const [name, times, endS, text] of CASES) {
  Deno.test(`\`timeline()\` ${name}`, () => {
    assert.equal(timelineText(timeline(times, at(endS))), `Timeline: ${text}`);
  });
}
