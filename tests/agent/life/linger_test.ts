import assert from "node:assert/strict";
import type { LifecycleEvent, LifecycleSettings } from "../../../agent/life/lifecycle_state.ts";
import {
  began,
  busyLookAfter,
  closeAnswered,
  elsewhere,
  ended,
  failed,
  hands,
  interrupted,
  type Line,
  OTHERS,
  others,
  OWN,
  pipeline,
  play,
  quickLookAfter,
  seen,
  stepSeen,
  type StorySettings,
} from "./life_story.ts";

const LINGER_S = 1200;

interface Story extends StorySettings {
  readonly name: string;
  readonly mode?: LifecycleSettings["mode"];
  readonly lines: readonly Line[];
  /** Why the runner leaves; undefined while it stays. */
  readonly reason?: string;
}

const ended1 = (failedRun?: number): LifecycleEvent => ({
  type: "pipeline seen",
  over: "ended",
  failedRun,
  stretch: 1,
});
const verdict = (result: string): LifecycleEvent => ({ type: "step seen", completed: true, result });

/** Its step runs, and it is not closed: Bitbucket is asked once whether it shows that. */
const SERVING: readonly Line[] = [
  [3, began(OWN), "look at runner"],
  [4, seen("open busy"), busyLookAfter(4)],
];
/** The step has failed, and so has the pipeline. */
const STAYING: readonly Line[] = [
  ...SERVING,
  [60, ended("FAILED"), quickLookAfter(60)],
  [62, ended1(1), `wait until ${62 + LINGER_S}`],
];
const END_S = 62 + LINGER_S;

const STORIES: readonly Story[] = [
  {
    name: "leaves at once when its step passes",
    lines: [...SERVING, [60, ended("PASSED"), "close"], [61, closeAnswered("closed idle"), "look at others"]],
    reason: "it has served its step",
  },
  {
    name: "asks nothing while it waits, serves each rerun, and leaves after the one that passes",
    lines: [
      ...STAYING,
      [1000, undefined, `wait until ${END_S}`],
      [1010, began(OWN), busyLookAfter(1010)],
      [1050, ended("FAILED"), quickLookAfter(1050)],
      [1052, ended1(2), `wait until ${1052 + LINGER_S}`],
      [2000, began(OWN), busyLookAfter(2000)],
      [2050, ended("PASSED"), "close"],
    ],
    reason: "it has served its step",
  },
  {
    name: "waits again, the whole time, where Bitbucket does not count runs",
    lines: [
      ...STAYING,
      [1010, began(OWN), busyLookAfter(1010)],
      [1050, ended("FAILED"), quickLookAfter(1050)],
      [1052, ended1(1), `wait until ${1052 + LINGER_S}`],
    ],
  },
  {
    name: "goes by the usual rules when nobody has run the failed steps again",
    lines: [
      ...STAYING,
      [END_S, undefined, "look at pipeline"],
      [END_S + 1, ended1(1), "look elsewhere"],
      [END_S + 2, elsewhere(1), "look at others"],
      [END_S + 3, others(0), "close"],
    ],
    reason: "the pipeline has ended, and no other pipeline is waiting",
  },
  {
    name: "stays on when another runner's rerun has failed since, and no longer when it has passed",
    lines: [
      ...STAYING,
      [END_S, undefined, "look at pipeline"],
      [END_S + 1, ended1(2), `wait until ${END_S + 1 + LINGER_S}`],
      [END_S + 2 + LINGER_S, ended1(), "look elsewhere"],
      [END_S + 3 + LINGER_S, elsewhere(0), "close"],
    ],
    reason: "the pipeline has ended",
  },
  {
    name: "stays as long as another runner's rerun goes on, its idle timeout anew",
    idleTimeoutS: 600,
    lines: [
      ...STAYING,
      [END_S, undefined, "look at pipeline"],
      [END_S + 1, pipeline(), `wait until ${END_S + 16}`],
      [END_S + 600, undefined, "look at pipeline"],
      [END_S + 601, undefined, "leave: no step came within the idle timeout"],
    ],
    reason: "no step came within the idle timeout",
  },
  {
    name: "tries again when it cannot learn what has become of the pipeline",
    idleTimeoutS: 600,
    lines: [
      ...STAYING,
      [END_S, undefined, "look at pipeline"],
      [END_S + 10, failed("look at pipeline"), `wait until ${END_S + 25}`],
      [END_S + 600, undefined, "leave: nobody has run the failed steps again"],
    ],
    reason: "nobody has run the failed steps again",
  },
  {
    name: "does not stay for a stopped pipeline",
    lines: [
      ...SERVING,
      [60, ended("STOPPED"), quickLookAfter(60)],
      [62, ended1(), "look elsewhere"],
      [63, elsewhere(0), "close"],
    ],
    reason: "the pipeline has ended",
  },
  {
    name: "stays for a pipeline that has failed before its own step",
    lines: [[0, hands("idle"), "wait until 10"], [10, ended1(1), `wait until ${10 + LINGER_S}`]],
  },
  {
    name: "asks how a step ended of which the runner does not tell, and leaves when it passed",
    lines: [
      ...SERVING,
      [60, ended("UNKNOWN"), "look at step {step}"],
      [61, stepSeen(false), "wait until 61.4"],
      [61.4, verdict("SUCCESSFUL"), "close"],
    ],
    reason: "it has served its step",
  },
  {
    name: "asks how a step ended of which the runner does not tell, and stays when it failed",
    lines: [
      ...SERVING,
      [60, ended("UNKNOWN"), "look at step {step}"],
      [61, verdict("FAILED"), quickLookAfter(60)],
      [62, ended1(1), `wait until ${62 + LINGER_S}`],
    ],
  },
  {
    name: "serves another pipeline's step meanwhile",
    lines: [
      ...STAYING,
      [100, began(OTHERS), busyLookAfter(100)],
      [200, ended("FAILED"), `wait until ${END_S}`],
    ],
  },
  {
    name: "stays for its own pipeline's step after one of another pipeline",
    lines: [
      [3, began(OTHERS), "look at runner"],
      [4, seen("open busy"), busyLookAfter(4)],
      [60, ended("PASSED"), quickLookAfter(60)],
      [62, pipeline(), "wait until 72"],
    ],
  },
  {
    name: "that keeps to its own pipeline leaves after a step of another one",
    ownPipelineOnly: true,
    lines: [
      ...STAYING,
      [100, began(OTHERS), "close"],
      [101, closeAnswered("closed busy"), busyLookAfter(101)],
      [200, ended("PASSED"), "wait until 200.35"],
    ],
    reason: "it has served a step of another pipeline",
  },
  {
    name: "leaves at once when it is interrupted",
    lines: [...STAYING, [100, interrupted, "close"]],
    reason: "Interrupted by SIGTERM",
  },
  {
    name: "serves more than one step, and stays when the pipeline has failed",
    mode: "multi-step",
    lines: [...STAYING, [100, began(OWN), busyLookAfter(100)], [200, ended("PASSED"), quickLookAfter(200)]],
  },
  {
    name: "and may not ask Bitbucket goes by its own word",
    bitbucket: "never",
    lines: [
      [3, began(OWN), "wait until Infinity"],
      [60, ended("FAILED"), `wait until ${60 + LINGER_S}`],
      [100, began(OTHERS), "wait until Infinity"],
      [200, ended("FAILED"), `wait until ${60 + LINGER_S}`],
      [60 + LINGER_S, undefined, "leave: nobody has run the failed steps again"],
    ],
    reason: "nobody has run the failed steps again",
  },
  {
    name: "and may not ask Bitbucket leaves after a rerun that passes",
    bitbucket: "never",
    lines: [
      [3, began(OWN), "wait until Infinity"],
      [60, ended("FAILED"), `wait until ${60 + LINGER_S}`],
      [100, began(OWN), "wait until Infinity"],
      [200, ended("PASSED"), "wait until 205"],
    ],
    reason: "it has served its step",
  },
  {
    name: "and may not ask Bitbucket has its idle timeout at least in multi-step mode",
    mode: "multi-step",
    bitbucket: "never",
    idleTimeoutS: 3600,
    lines: [
      [3, began(OWN), "wait until Infinity"],
      [60, ended("FAILED"), "wait until 3660"],
    ],
  },
];

for (const { name, lines, mode = "single-step", reason, ...settings } of STORIES) {
  Deno.test(`a runner that lingers ${name}`, () => {
    const life = play(mode, lines, { lingerS: LINGER_S, ...settings });
    assert.equal(life.reason, reason);
  });
}
