import assert from "node:assert/strict";
import {
  began,
  busyLookAfter,
  cleaned,
  closeAnswered,
  elsewhere,
  ended,
  failed,
  hands,
  type Line,
  NEXT,
  OTHERS,
  others,
  OWN,
  ownStep,
  pipeline,
  play,
  quickLookAfter,
  seen,
  stepSeen,
  stopped,
  unregistered,
} from "./life_story.ts";

interface Story {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly idleTimeoutS?: number;
  readonly ownPipelineOnly?: boolean;
  readonly reason?: string | undefined;
}

/** One step of the runner's own pipeline is served; Bitbucket shows what a runner does. */
const SERVED: readonly Line[] = [
  [3, began(OWN), "look at runner"],
  [4, seen("open busy"), busyLookAfter(4)],
  [60, ended("PASSED"), quickLookAfter(60)],
];
const LEFT: readonly Line[] = [
  [399, closeAnswered("closed idle"), "look at others"],
  [400, others(0), "look at runner"],
  [400.5, seen("closed idle"), "stop"],
  [401, stopped, "unregister"],
  [402, unregistered, "clean up"],
  [403, cleaned, "finish"],
];

const STORIES: readonly Story[] = [
  {
    name: "serves steps until the pipeline has ended",
    lines: [
      [0, undefined, "wait until 10"],
      ...SERVED,
      [61.5, undefined, "look at pipeline"],
      [62, pipeline(), "wait until 72"],
      [65, began(NEXT), busyLookAfter(65)],
      [80, ended("FAILED"), quickLookAfter(80)],
      [82, pipeline("ended"), "look elsewhere"],
      [83, elsewhere(0), "close"],
      ...LEFT,
    ],
    reason: "the pipeline has ended",
  },
  {
    name: "asks for the pipeline less and less often, and less still when the budget is short",
    lines: [
      [1, hands("idle"), "wait until 10"],
      [10, undefined, "look at pipeline"],
      [0, hands("idle"), "wait until 10"],
      [10, pipeline(), "wait until 20"],
      [20, pipeline(), "wait until 35"],
      [35, pipeline(), "wait until 57.5"],
      [57.5, pipeline(undefined, 4), "wait until 192.5"],
    ],
  },
  {
    name: "leaves when the pipeline ends during its last step",
    lines: [
      ...SERVED,
      [62, pipeline("ended"), "look elsewhere"],
      [62, began(NEXT), busyLookAfter(62)],
      [90, ended("PASSED"), quickLookAfter(90)],
      [92, pipeline("ended"), "look elsewhere"],
    ],
  },
  {
    name: "believes a manual gate at the second look in a row",
    lines: [
      ...SERVED,
      [62, pipeline("at a manual gate"), "wait until 72"],
      [72, pipeline(), "wait until 87"],
      [87, pipeline("at a manual gate"), "wait until 109.5"],
      [110, pipeline("at a manual gate"), "look elsewhere"],
      [111, elsewhere(0), "close"],
      ...LEFT,
    ],
    reason: "the pipeline waits at a manual gate",
  },
  {
    name: "stays when somebody opens the gate in time",
    lines: [
      ...SERVED,
      [62, pipeline("at a manual gate"), "wait until 72"],
      [72, pipeline("at a manual gate"), "look elsewhere"],
      [73, elsewhere(1), "look at others"],
      [74, others(3), "wait until 96.5"],
      [80, began(NEXT), busyLookAfter(80)],
      [95, ended("PASSED"), quickLookAfter(95)],
      [97, pipeline(), "wait until 107"],
    ],
  },
  {
    name: "gives a step back to the pool that served one for it",
    lines: [
      ...SERVED,
      [62, pipeline("ended"), "look elsewhere"],
      [63, elsewhere(1), "look at others"],
      [64, others(1), "wait until 79"],
      [70, began(OTHERS), busyLookAfter(70)],
      [90, ended("PASSED"), "close"],
      [91, closeAnswered("closed idle"), "look at others"],
      [92, others(0), "look at step {their-step}"],
      [93, stepSeen(true), "look at runner"],
      [94, seen("closed idle"), "stop"],
    ],
    reason: "the pipeline has ended",
  },
  {
    name: "owes nothing where it has served another's step already",
    lines: [
      [3, began(OTHERS), "look at runner"],
      [4, seen("open busy"), busyLookAfter(4)],
      [60, ended("PASSED"), quickLookAfter(60)],
      [62, pipeline("ended"), "look elsewhere"],
      [63, elsewhere(1), "close"],
      [64, closeAnswered("closed idle"), "look at others"],
      [65, others(0), "look at step {their-step}"],
      [66, stepSeen(true), "look at runner"],
      [67, seen("closed idle"), "stop"],
    ],
    reason: "the pipeline has ended",
  },
  {
    name: "owes nothing where nobody is left to be owed",
    lines: [
      ...SERVED,
      [62, pipeline("ended"), "look elsewhere"],
      [63, elsewhere(2), "look at others"],
      [64, others(0), "close"],
      [65, closeAnswered("closed idle"), "look at others"],
      [66, others(0), "stop"],
    ],
    reason: "the pipeline has ended, and no other pipeline is waiting",
  },
  {
    name: "that keeps to its own pipeline is closed while it serves another's step, and leaves after it",
    ownPipelineOnly: true,
    lines: [
      ...SERVED,
      [61, began(OTHERS), "close"],
      [62, closeAnswered("closed busy"), busyLookAfter(62)],
      [90, ended("PASSED"), "wait until 90.35"],
      [90.35, undefined, "look at runner"],
      [91, seen("closed idle"), "stop"],
    ],
    reason: "it has served a step of another pipeline",
  },
  {
    name: "that keeps to its own pipeline leaves after a step that is only guessed to be its own",
    ownPipelineOnly: true,
    lines: [
      [1, hands("idle"), "wait until 10"],
      [4, hands("busy"), "look at runner"],
      [4.1, seen("open idle"), "look at own steps"],
      [4.2, ownStep(OWN, false), "close"],
      [4.3, closeAnswered("closed idle"), busyLookAfter(4.3)],
      [60, hands("idle"), "wait until 91"],
      [91, undefined, "look at step {step}"],
      [91.1, stepSeen(true), "look at runner"],
    ],
    reason: "it has served a step of another pipeline",
  },
  {
    name: "that keeps to its own pipeline leaves when what it has had running may have been another's step",
    ownPipelineOnly: true,
    lines: [
      [1, hands("idle"), "wait until 10"],
      [4, hands("busy"), "look at runner"],
      [4.1, seen("open idle"), "look at own steps"],
      [4.2, ownStep(undefined, false), "wait until 6.2"],
      [5, hands("idle"), "close"],
    ],
    reason: "it may have served a step of another pipeline",
  },
  {
    name: "stays five minutes at most for a step it owes",
    lines: [
      ...SERVED,
      [62, pipeline("ended"), "look elsewhere"],
      [63, failed("look elsewhere"), "look at others"],
      [64, failed("look at others"), "wait until 86.5"],
      [350, others(1), "wait until 362"],
      [362, undefined, "leave: nobody asked for the step it owed"],
      [362, undefined, "close"],
      ...LEFT,
    ],
    reason: "nobody asked for the step it owed",
  },
  {
    name: "leaves after the idle timeout, and not while it has a step",
    lines: [
      ...SERVED,
      [70, failed("look at pipeline"), "wait until 80"],
      [359, pipeline(), "wait until 360"],
      [359.9, began(NEXT), busyLookAfter(359.9)],
      [500, ended("PASSED"), quickLookAfter(500)],
      [800, undefined, "leave: no step came within the idle timeout"],
      [800, undefined, "close"],
    ],
    idleTimeoutS: 300,
    reason: "no step came within the idle timeout",
  },
  {
    name: "never leaves by itself where there is no idle timeout",
    lines: [[1, hands("idle"), "wait until 10"], [1_000_000, undefined, "look at pipeline"], [
      1_000_000,
      pipeline(),
      "wait until 1000010",
    ]],
    idleTimeoutS: Infinity,
  },
  {
    name: "believes Bitbucket that a step is over when the step itself says so too",
    lines: [
      ...SERVED.slice(0, 2),
      [2404, undefined, "look at runner"],
      [2405, seen("open idle"), "wait until 2435"],
      [2435, seen("open busy"), busyLookAfter(2435)],
      [3035, seen("open idle"), "wait until 3065"],
      [3065, undefined, "look at step {step}"],
      [3065, stepSeen(true), quickLookAfter(3065)],
    ],
  },
  {
    name: "asks after the step from then on where Bitbucket turns out to hide it",
    lines: [
      ...SERVED.slice(0, 2),
      [2405, seen("open idle"), "wait until 2435"],
      [2435, stepSeen(false), busyLookAfter(2435)],
      [4835, undefined, "look at step {step}"],
    ],
  },
  {
    name: "reconciles by the step where Bitbucket does not show what a runner does",
    lines: [
      [3, began(OWN), "look at runner"],
      [4, seen("open idle"), busyLookAfter(4)],
      [2404, undefined, "look at step {step}"],
      [2405, failed("look at step"), "wait until 2435"],
      [2435, { type: "step seen", completed: true }, quickLookAfter(2435)],
    ],
  },
  {
    name: "does not ask again and again after a runner that is gone from Bitbucket",
    lines: [
      [3, began(OWN), "look at runner"],
      [4, seen(undefined), busyLookAfter(4)],
      [2404, undefined, "look at step {step}"],
      [2405, { type: "step seen", completed: false }, busyLookAfter(2405)],
    ],
  },
  {
    name: "looks soon again at its pipeline when another runner of its build has ended a step",
    lines: [
      [0, hands("idle"), "wait until 10"],
      [10, pipeline(), "wait until 20"],
      [20, pipeline(), "wait until 35"],
      [35, pipeline(), "wait until 57.5"],
      [40, { type: "step ended beside" }, "wait until 45"],
      [46, pipeline(), "wait until 56"],
      [54, { type: "step ended beside" }, "wait until 56"],
      [54.5, began(OWN), "look at runner"],
      [55, { type: "step ended beside" }, "look at runner"],
    ],
  },
  {
    name: "that serves its own pipeline is not told that it is over by a look from before",
    lines: [
      ...SERVED.slice(0, 2),
      [10, pipeline("ended"), busyLookAfter(4)],
      [60, ended("PASSED"), quickLookAfter(60)],
    ],
  },
  {
    name: "counts again what ran elsewhere when its pipeline has gone on meanwhile",
    lines: [
      ...SERVED,
      [62, pipeline("ended"), "look elsewhere"],
      [63, began(NEXT), busyLookAfter(63)],
      [63, elsewhere(2), busyLookAfter(63)],
      [80, ended("PASSED"), quickLookAfter(80)],
      [82, pipeline("ended"), "look elsewhere"],
      [83, elsewhere(0), "close"],
    ],
    reason: "the pipeline has ended",
  },
  {
    name: "goes on with its step when the first look at it fails",
    lines: [[3, began(OWN), "look at runner"], [4, failed("look at runner"), "wait until 34"]],
  },
];

for (const { name, lines, idleTimeoutS = 1800, ownPipelineOnly = false, reason } of STORIES) {
  Deno.test(`a multi-step runner ${name}`, () => {
    assert.equal(play("multi-step", lines, { idleTimeoutS, ownPipelineOnly }).reason, reason);
  });
}
