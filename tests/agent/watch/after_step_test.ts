import assert from "node:assert/strict";
import type { Leftover, OverStep } from "../../../agent/runner/runner.ts";
import { AfterStep } from "../../../agent/watch/after_step.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";

const STEP = { pipelineUuid: "{p}", stepUuid: "{s}" };
const NEXT = { pipelineUuid: "{p}", stepUuid: "{next}" };

interface Scene {
  readonly after: AfterStep;
  readonly said: () => string;
  /** What was done to what was left, as «SIGTERM 12 (sleep)». */
  readonly signals: string[];
  readonly asked: OverStep[];
  /** Time passes, and what is due is done. */
  readonly pass: (ms: number) => Promise<void>;
  /** Called while it is asked what is left. */
  onAsk: () => void;
}

function scene(names: readonly string[], inDoubt: readonly string[] = []): Scene {
  let now = 0;
  const signals: string[] = [];
  const asked: OverStep[] = [];
  const { log, text } = recordedLog();
  const left: Leftover[] = [
    ...names.map((name) => ({ name, signal: (signal: string) => void signals.push(`${signal} ${name}`) })),
    ...inDoubt.map((name) => ({ name })),
  ];
  const leftBehind = (step: OverStep) => {
    asked.push(step);
    made.onAsk();
    return Promise.resolve(left);
  };
  const after = new AfterStep({ monotonicMs: () => now }, log, { leftBehind });
  const made: Scene = {
    after,
    said: text,
    signals,
    asked,
    onAsk: () => {},
    async pass(ms) {
      now += ms;
      await after.tend();
    },
  };
  return made;
}

Deno.test("`AfterStep` names once what a step has left, and ends it: asked to first, then killed", async () => {
  const { after, said, signals, asked, pass } = scene(["12 (sleep)", "13 (gradle)"], ["14 (dockerd)"]);
  after.began(STEP);
  assert.equal(after.nextTask, Infinity);
  after.ended(["1:9"]);
  assert.equal(after.nextTask, 200);
  await pass(150);
  assert.equal(asked.length, 0, "much of it ends by itself");
  await pass(50);
  assert.deepEqual(asked.map(({ stepUuid, known }) => [stepUuid, ...known]), [["{s}", "1:9"]]);
  assert.deepEqual(signals.splice(0), ["SIGTERM 12 (sleep)", "SIGTERM 13 (gradle)"]);
  assert.equal(
    said(),
    "00:00:00Z warning: Step {s} has left running: 14 (dockerd)\n" +
      "00:00:00Z warning: Ending what step {s} has left running: 12 (sleep), 13 (gradle)\n",
  );
  await pass(3_000);
  assert.deepEqual(signals.splice(0), ["SIGKILL 12 (sleep)", "SIGKILL 13 (gradle)"]);
  await pass(60_000);
  assert.deepEqual([signals, asked.length, after.nextTask], [[], 1, Infinity]);
});

Deno.test("`AfterStep` does nothing once the next step has begun, at whatever moment", async () => {
  const before = scene(["12 (sleep)"]);
  before.after.began(STEP);
  before.after.ended([]);
  before.after.began(NEXT);
  await before.pass(60_000);
  assert.deepEqual([before.asked, before.signals], [[], []]);

  const during = scene(["12 (sleep)"]);
  during.after.began(STEP);
  during.after.ended([]);
  during.onAsk = () => during.after.began(NEXT);
  await during.pass(2_000);
  await during.pass(60_000);
  assert.deepEqual([during.asked.length, during.signals, during.said()], [1, [], ""]);

  const between = scene(["12 (sleep)"]);
  between.after.began(STEP);
  between.after.ended([]);
  await between.pass(2_000);
  between.after.began(NEXT);
  await between.pass(60_000);
  assert.deepEqual(between.signals, ["SIGTERM 12 (sleep)"]);
});

Deno.test("`AfterStep` does not touch what is left of a step whose beginning was not heard", async () => {
  const { after, asked, pass } = scene(["12 (sleep)"]);
  after.ended([]);
  await pass(60_000);
  assert.deepEqual(asked, []);
});

Deno.test("`AfterStep` names twenty, and says how many more there are", async () => {
  const { after, said, pass } = scene(Array.from({ length: 30 }, (_, index) => `${index} (sh)`));
  after.began(STEP);
  after.ended([]);
  await pass(2_000);
  assert.match(said(), /, 19 \(sh\) and 10 more\n$/);
});

Deno.test("`AfterStep` makes up for steps that followed each other too closely, once there is a pause", async () => {
  const { after, signals, asked, pass } = scene(["12 (sleep)"]);
  for (const stepUuid of ["{a}", "{b}", "{c}"]) {
    after.began({ pipelineUuid: "{p}", stepUuid });
    await pass(10_000);
    after.ended([]);
    await pass(100);
  }
  assert.equal(asked.length, 0);
  await pass(400);
  assert.deepEqual(asked.map(({ stepUuid }) => stepUuid), ["{a}", "{b}", "{c}"]);
  assert.equal(signals.length, 3);
});
