import assert from "node:assert/strict";
import fc from "fast-check";
import { PoolModel, type World } from "./pool_model.ts";

const pipeline = fc.record({
  mode: fc.constantFrom("single-step" as const, "multi-step" as const),
  startMs: fc.integer({ min: 0, max: 180_000 }),
  steps: fc.integer({ min: 1, max: 4 }),
}).map((plan) => plan.mode === "single-step" ? { ...plan, steps: 1 } : plan);

const calm = { lostAnswers: fc.constant(0), stops: fc.constant(0), crashes: fc.constant(0) };
const rough = {
  lostAnswers: fc.constantFrom(0, 0.05, 0.3),
  stops: fc.constantFrom(0, 0.3),
  crashes: fc.constantFrom(0, 0.2),
};

function worlds(trouble: typeof calm | typeof rough): fc.Arbitrary<World> {
  return fc.record({
    seed: fc.integer(),
    pipelines: fc.array(pipeline, { minLength: 1, maxLength: 6 }),
    showsStep: fc.boolean(),
    ...trouble,
  });
}

function check(world: World): void {
  const model = new PoolModel(world);
  const violations = model.run();
  assert.deepEqual(violations, [], `${JSON.stringify(world)}\n${model.history.join("\n")}`);
}

const RUNS = Number(Deno.env.get("PROPERTY_RUNS") ?? 3000);

Deno.test("a pool of equal runners leaves no step without a runner and no runner registered", () => {
  fc.assert(fc.property(worlds(calm), check), { numRuns: RUNS });
});

Deno.test("a pool of equal runners keeps its promises through stops, crashes and lost answers", () => {
  fc.assert(fc.property(worlds(rough), check), { numRuns: RUNS });
});
