import assert from "node:assert/strict";
import {
  began,
  cleaned,
  ended,
  exited,
  hands,
  interrupted,
  type Line,
  NEXT,
  OTHERS,
  OWN,
  play,
  stopped,
  type StorySettings,
  told,
} from "./life_story.ts";

interface Story {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly mode?: "multi-step";
  readonly settings?: StorySettings;
  readonly results?: readonly string[];
  readonly fault?: string;
  /** Something of it is left on the machine. */
  readonly stays?: boolean;
}

const online = { type: "online" } as const;
const STOPPED = (atS: number): readonly Line[] => [
  [atS, undefined, "settled"],
  [atS, undefined, "stop"],
  [atS + 1, stopped, "clean up"],
  [atS + 2, cleaned, "finish"],
];
/** The longest that a runner stays of which nothing tells: a day. */
const DAY_S = 86_400;

const STORIES: readonly Story[] = [
  {
    name: "is stopped when its step is over and the result must have been sent",
    lines: [
      [0, hands("idle"), "wait until 300"],
      [3, online, "wait until 300"],
      [20, began(OWN), "wait until 1820"],
      [90, hands("busy"), "wait until Infinity"],
      [4000, ended("PASSED"), "wait until 4005"],
      ...STOPPED(4005),
    ],
    results: ["PASSED"],
  },
  {
    name: "that says two things of one step, the first of them perhaps the step's own, is taken at the worse",
    lines: [
      [0, hands("idle"), "wait until 300"],
      [20, began(OWN), "wait until 1820"],
      [90, ended("PASSED"), "wait until 95"],
      [92, ended("FAILED"), "wait until 95"],
      [93, ended("PASSED"), "wait until 95"],
      ...STOPPED(95),
    ],
    results: ["FAILED"],
  },
  {
    name: "that says nothing is stopped when what it has had running is long over",
    lines: [
      [0, hands("idle"), "wait until 300"],
      [20, hands("busy"), `wait until ${20 + DAY_S}`],
      [9000, hands("idle"), "wait until 9120"],
      [9060, hands("busy"), `wait until ${9060 + DAY_S}`],
      [9070, hands("idle"), "wait until 9190"],
      ...STOPPED(9190),
    ],
  },
  {
    name: "that speaks, and not of what it had running for a moment, goes on waiting for its step",
    lines: [
      [0, hands("idle"), "wait until 300"],
      [3, online, "wait until 300"],
      [20, hands("busy"), `wait until ${20 + DAY_S}`],
      [22, hands("idle"), "wait until 322"],
      [30, began(OWN), "wait until 1830"],
    ],
    stays: true,
  },
  {
    name: "leaves when no step comes",
    lines: [
      [0, hands("idle"), "wait until 300"],
      [300, undefined, "leave: no step came within the idle timeout"],
      ...STOPPED(300),
    ],
  },
  {
    name: "serves steps until none comes any more",
    mode: "multi-step",
    lines: [
      [0, hands("idle"), "wait until 300"],
      [20, began(OWN), "wait until 1820"],
      [40, ended("PASSED"), "wait until 340"],
      [50, began(OTHERS), "wait until 1850"],
      [60, ended("FAILED"), "wait until 360"],
      [360, undefined, "leave: no step came within the idle timeout"],
      ...STOPPED(360),
    ],
    results: ["PASSED", "FAILED"],
  },
  {
    name: "leaves after a step of another pipeline where it keeps to its own",
    mode: "multi-step",
    settings: { ownPipelineOnly: true },
    lines: [
      [20, began(OWN), "wait until Infinity"],
      [40, ended("PASSED"), "wait until 340"],
      [50, began(OTHERS), "wait until Infinity"],
      [60, ended("PASSED"), "wait until 65"],
      ...STOPPED(65),
    ],
    results: ["PASSED", "PASSED"],
  },
  {
    name: "leaves after what may have been a step of another pipeline where it keeps to its own",
    mode: "multi-step",
    settings: { ownPipelineOnly: true },
    lines: [
      [0, hands("idle"), "wait until 300"],
      [20, hands("busy"), `wait until ${20 + DAY_S}`],
      [40, hands("idle"), "wait until 160"],
      ...STOPPED(160),
    ],
  },
  {
    name: "serves a step that it speaks of in the last moment to its end",
    lines: [
      [3, online, "wait until 300"],
      [300, undefined, "leave: no step came within the idle timeout"],
      [300, undefined, "settled"],
      [300, began(OWN), "wait until Infinity"],
      [400, ended("PASSED"), "wait until 405"],
      ...STOPPED(405),
    ],
    results: ["PASSED"],
  },
  {
    name: "is not stopped when it turns out to have something running in the last moment",
    lines: [
      [0, hands("idle"), "wait until 300"],
      [300, undefined, "leave: no step came within the idle timeout"],
      [300, undefined, "settled"],
      [300, hands("busy"), `wait until ${300 + DAY_S}`],
      [400, hands("idle"), "wait until 520"],
      ...STOPPED(520),
    ],
  },
  {
    name: "whose words tell of a step that nothing else shows does not stay for ever",
    lines: [
      [0, hands("idle"), "wait until 300"],
      [20, began(OWN), "wait until 1820"],
      [80, hands("busy"), "wait until Infinity"],
      [200, hands("unknown"), "wait until Infinity"],
      [300, hands("idle"), "wait until 2100"],
      [2100, undefined, "disagreement over"],
      [2100, undefined, "wait until 2105"],
      ...STOPPED(2105),
    ],
    results: ["UNKNOWN"],
  },
  {
    name:
      "that has something running which its words, known to tell of steps, do not tell of, does not stay for ever",
    mode: "multi-step",
    lines: [
      [0, hands("idle"), "wait until 300"],
      [20, began(OWN), "wait until 1820"],
      [40, ended("PASSED"), "wait until 340"],
      [50, hands("busy"), "wait until 1850"],
      [1850, undefined, "disagreement over"],
      [1850, undefined, "wait until 2150"],
    ],
    results: ["PASSED"],
    stays: true,
  },
  {
    name: "of which nothing tells is not taken for idle, nor kept for ever",
    lines: [
      [300, undefined, `wait until ${DAY_S}`],
      [301, told, `wait until ${DAY_S}`],
      ...STOPPED(DAY_S),
    ],
  },
  {
    name: "is taken at its word, if it has one, where it cannot be seen what it has running",
    lines: [[3, online, "wait until 300"], [301, told, "settled"], [301, undefined, "stop"]],
    stays: true,
  },
  {
    name: "is stopped when interrupted while idle",
    lines: [
      [0, hands("idle"), "wait until 300"],
      [100, interrupted, "settled"],
      [100, undefined, "stop"],
      [101, stopped, "clean up"],
      [102, cleaned, "finish"],
    ],
  },
  {
    name: "is left to the next phase with its step when interrupted",
    lines: [[3, online, "wait until 300"], [20, began(OWN), "wait until Infinity"], [
      30,
      interrupted,
      "finish",
    ]],
    stays: true,
  },
  {
    name: "stays with its step when the last phase is interrupted",
    settings: { handsOver: false },
    lines: [
      [20, began(OWN), "wait until Infinity"],
      [30, interrupted, "wait until Infinity"],
      [40, began(NEXT), "wait until Infinity"],
      [50, ended("PASSED"), "wait until 55"],
      ...STOPPED(55),
    ],
    results: ["UNKNOWN", "PASSED"],
  },
  {
    name: "that ends by itself is a fault, and nothing is unregistered",
    lines: [[3, online, "wait until 300"], [20, exited, "clean up"], [21, cleaned, "finish"]],
    fault: "The runner ended by itself",
  },
];

for (const { name, lines, mode = "single-step", settings, results = [], fault, stays = false } of STORIES) {
  Deno.test(`a ${mode} runner of which only its own senses tell ${name}`, () => {
    const life = play(mode, lines, { idleTimeoutS: 300, ...settings, bitbucket: "never" });
    assert.deepEqual(life.served.map(({ result }) => result), results);
    assert.equal(life.fault, fault);
    assert.equal(life.stage === "done" && life.gone, !stays);
    assert.equal(life.stage === "done" && life.unregistered, false);
  });
}
