import {
  began,
  busyLookAfter,
  closeAnswered,
  ended,
  exited,
  failed,
  GONE,
  interrupted,
  others,
  OWN,
  seen,
  SERVING,
  type SingleStepStory,
  stopped,
  testSingleStep,
  told,
  unregistered,
} from "./life_story.ts";

const STORIES: readonly SingleStepStory[] = [
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

for (const story of STORIES) testSingleStep(story);
