import assert from "node:assert/strict";
import {
  began,
  busyLookAfter,
  closeAnswered,
  closeRefused,
  ended,
  exited,
  failed,
  interrupted,
  type Line,
  NEXT,
  OTHERS,
  others,
  OWN,
  play,
  seen,
  stepSeen,
  stopped,
  told,
  unregistered,
} from "./life_story.ts";

/** A story of a single-step runner: its lines, and what is left to say at its end. */
interface Story {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly results?: readonly string[];
  readonly fault?: string;
  readonly registered?: boolean;
}

/** The runner is online, its step begins and it is closed. */
const SERVING: readonly Line[] = [
  [0, undefined, "wait until 10"],
  [3, began(OWN), "close"],
  [4, closeAnswered("closed busy"), busyLookAfter(4)],
];
const GONE: readonly Line[] = [[101, stopped, "unregister"], [102, unregistered, "finish"]];

const STORIES: readonly Story[] = [
  {
    name: "is closed while its step runs, found idle after it, stopped and unregistered",
    lines: [...SERVING, [63, ended("PASSED"), "look at runner"], [64, seen("closed idle"), "stop"], ...GONE],
    results: ["PASSED"],
  },
  {
    name: "serves a step that slipped in before it was closed to its end",
    lines: [
      [3, began(OWN), "close"],
      [4, ended("PASSED"), "close"],
      [5, closeAnswered("closed busy"), "wait until 5.25"],
      [20, began(OTHERS), busyLookAfter(20)],
      [50, ended("FAILED"), "look at runner"],
      [51, seen("closed idle"), "stop"],
      ...GONE,
    ],
    results: ["PASSED", "FAILED"],
  },
  {
    name: "is looked at less and less often while Bitbucket calls it busy after its step",
    lines: [
      ...SERVING,
      [60, ended("PASSED"), "look at runner"],
      [60, seen("closed busy"), "wait until 60.25"],
      [61, seen("closed busy"), "wait until 61.5"],
      [62, seen("closed busy"), "wait until 63"],
      [70, seen("closed busy"), "wait until 72"],
      [80, seen("closed busy"), "wait until 84"],
      [90, seen("closed busy"), "wait until 98"],
      [100, seen("closed busy"), "wait until 110"],
      [110, seen("closed busy"), "wait until 120"],
      [1861, undefined, "stop"],
    ],
    results: ["PASSED"],
    registered: true,
  },
  {
    name: "is not stopped when it speaks of a step in the last moment",
    lines: [
      ...SERVING,
      [63, ended("PASSED"), "look at runner"],
      [64, seen("closed idle"), "stop"],
      [64, began(NEXT), busyLookAfter(64)],
      [90, ended("PASSED"), "look at runner"],
      [91, seen("closed idle"), "stop"],
      ...GONE,
    ],
    results: ["PASSED", "PASSED"],
  },
  {
    name: "that its heartbeat opens again is closed again, three times at most",
    lines: [
      ...SERVING,
      [63, ended("PASSED"), "look at runner"],
      [64, seen("open idle"), "close"],
      [65, closeAnswered("open idle"), "close"],
      [66, closeAnswered("open idle"), "stop"],
      ...GONE,
    ],
    results: ["PASSED"],
  },
  {
    name: "goes on where Bitbucket refuses to close it",
    lines: [
      [3, began(OWN), "close"],
      [4, closeRefused("open busy"), busyLookAfter(4)],
      [63, ended("PASSED"), "look at runner"],
      [64, seen("open idle"), "stop"],
      ...GONE,
    ],
    results: ["PASSED"],
  },
  {
    name: "is asked after by its step where Bitbucket does not show what a runner does",
    lines: [
      [3, began(OWN), "close"],
      [4, closeAnswered("closed idle"), busyLookAfter(4)],
      [1204, undefined, "look at step {step}"],
      [1205, stepSeen(false), busyLookAfter(1205)],
      [1300, ended("PASSED"), "look at step {step}"],
      [1301, stepSeen(false), "wait until 1301.25"],
      [1302, stepSeen(true), "look at runner"],
      [1303, seen("closed idle"), "stop"],
      ...GONE,
    ],
    results: ["PASSED"],
  },
  {
    name: "waits for a heartbeat's time when it could not be closed before its step was over",
    lines: [
      [3, began(OWN), "close"],
      [4, ended("PASSED"), "close"],
      [5, closeAnswered("closed idle"), "look at others"],
      [6, others(2, false), "wait until 7"],
      [7, others(0, false), "wait until 9"],
      [9, failed("look at others"), "wait until 13"],
      [36, undefined, "look at runner"],
      [37, seen("closed idle"), "stop"],
      ...GONE,
    ],
    results: ["PASSED"],
  },
  {
    name: "need not wait for it when no pipeline is left that could have handed over a step",
    lines: [
      [3, began(OWN), "close"],
      [4, ended("PASSED"), "close"],
      [5, closeAnswered("closed idle"), "look at others"],
      [6, others(0, false), "wait until 7"],
      [7, others(0), "look at runner"],
      [8, seen("closed idle"), "stop"],
      ...GONE,
    ],
    results: ["PASSED"],
  },
  {
    name: "serves its step to the end when somebody unregisters it meanwhile",
    lines: [
      [3, began(OWN), "close"],
      [4, closeAnswered(undefined), busyLookAfter(4)],
      [1204, undefined, "look at step {step}"],
      [1205, stepSeen(false), busyLookAfter(1205)],
      [1300, ended("PASSED"), "look at step {step}"],
      [1301, stepSeen(true), "look at runner"],
      [1302, seen(undefined), "stop"],
      ...GONE,
    ],
    results: ["PASSED"],
  },
  {
    name: "is stopped at once when Bitbucket does not know it any more",
    lines: [[10, told, "close"], [11, closeAnswered(undefined), "stop"], ...GONE],
  },
  {
    name: "that crashes without a step is a fault",
    lines: [[5, exited, "unregister"], [102, unregistered, "finish"]],
    fault: "The runner ended by itself",
  },
  {
    name: "that crashes in its step is a fault, and the step's result unknown",
    lines: [...SERVING, [30, exited, "unregister"], [102, unregistered, "finish"]],
    results: ["UNKNOWN"],
    fault: "The runner ended in the middle of a step",
  },
  {
    name: "may end by itself once it is to leave",
    lines: [
      ...SERVING,
      [63, ended("PASSED"), "look at runner"],
      [64, exited, "unregister"],
      [65, unregistered, "finish"],
    ],
    results: ["PASSED"],
  },
  {
    name: "is not stopped by an interruption in its step; the next phase finds it",
    lines: [...SERVING, [30, interrupted, "finish"]],
    registered: true,
  },
  {
    name: "leaves in a hurry when interrupted without a step",
    lines: [[5, interrupted, "close"], [6, closeAnswered("closed idle"), "stop"], ...GONE],
  },
  {
    name: "leaves without more looks when Bitbucket cannot be asked in a hurry",
    lines: [
      [5, interrupted, "close"],
      [6, failed("close"), "look at runner"],
      [7, failed("look at runner"), "stop"],
      [8, stopped, "unregister"],
      [9, failed("unregister"), "finish"],
    ],
    fault: "The runner could not be unregistered",
    registered: true,
  },
  {
    name: "is believed idle by its output when three looks in a row fail",
    lines: [
      ...SERVING,
      [60, ended("PASSED"), "look at runner"],
      [61, failed("look at runner"), "wait until 91"],
      [91, failed("look at runner"), "wait until 121"],
      [121, failed("look at runner"), "stop"],
      ...GONE,
    ],
    results: ["PASSED"],
  },
  {
    name: "that cannot be closed in three attempts is looked after all the same, and a last time at its end",
    lines: [
      [3, began(OWN), "close"],
      [4, failed("close"), "close"],
      [5, failed("close"), "close"],
      [6, failed("close"), busyLookAfter(3)],
      [63, ended("PASSED"), "close"],
      [64, failed("close"), "look at others"],
      [65, others(1, false), "look at runner"],
      [65.5, seen("open idle"), "wait until 66"],
      [95, undefined, "look at runner"],
      [96, seen("open idle"), "stop"],
      ...GONE,
    ],
    results: ["PASSED"],
  },
  {
    name: "is unregistered at the third attempt",
    lines: [
      [5, exited, "unregister"],
      [6, failed("unregister"), "wait until 11"],
      [11, undefined, "unregister"],
      [12, failed("unregister"), "wait until 17"],
      [18, unregistered, "finish"],
    ],
    fault: "The runner ended by itself",
  },
  {
    name: "that cannot be unregistered is given up and told of",
    lines: [
      [10, told, "close"],
      [11, closeAnswered(undefined), "stop"],
      [12, stopped, "unregister"],
      [13, failed("unregister"), "wait until 18"],
      [18, failed("unregister"), "wait until 23"],
      [23, failed("unregister"), "finish"],
    ],
    fault: "The runner could not be unregistered",
    registered: true,
  },
];

for (const { name, lines, results = [], fault, registered = false } of STORIES) {
  Deno.test(`a single-step runner ${name}`, () => {
    const life = play("single-step", lines);
    assert.deepEqual(life.served.map(({ result }) => result), results);
    assert.equal(life.fault, fault);
    assert.equal(life.unregistered, !registered);
  });
}
