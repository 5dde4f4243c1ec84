import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type BudgetView,
  LONGEST_STRETCH,
  RequestBudget,
  stretchFor,
} from "../../../shared/calls/request_budget.ts";

const PLENTY: BudgetView = {
  limit: undefined,
  remaining: undefined,
  nearLimit: false,
  recentRefusals: 0,
  recentRequests: 0,
};

const STRETCHES: readonly (readonly [string, Partial<BudgetView>, number])[] = [
  ["nothing is known", {}, 1],
  ["more than half is left", { limit: 1000, remaining: 600 }, 1],
  ["a quarter is left", { limit: 1000, remaining: 250 }, 2],
  ["a sixteenth is left", { limit: 1600, remaining: 100 }, 8],
  ["nothing is left", { limit: 1000, remaining: 0 }, 8],
  ["Bitbucket says that the limit is near", { nearLimit: true }, 4],
  ["there was a refusal", { recentRefusals: 1 }, 2],
  ["there were ten refusals", { recentRefusals: 10 }, 8],
  ["a build has had its share", { recentRequests: 80 }, 2],
  ["a limit is no limit", { limit: 0, remaining: 0 }, 1],
];

for (const [when, view, expected] of STRETCHES) {
  Deno.test(`\`stretchFor()\` gives ${expected} when ${when}`, () => {
    assert.equal(stretchFor({ ...PLENTY, ...view }), expected);
  });
}

Deno.test("`stretchFor()` stays within its bounds, and never shrinks as the budget does", () => {
  const view = fc.record({
    limit: fc.constant(1000),
    remaining: fc.nat(1000),
    nearLimit: fc.boolean(),
    recentRefusals: fc.nat(20),
    recentRequests: fc.nat(2000),
  });
  fc.assert(fc.property(view, fc.nat(1000), (some, fewer) => {
    const stretch = stretchFor(some);
    assert.ok(stretch >= 1 && stretch <= LONGEST_STRETCH);
    assert.ok(stretchFor({ ...some, remaining: Math.min(some.remaining, fewer) }) >= stretch);
  }));
});

function answer(status: number, headers: Record<string, string> = {}) {
  return { status, headers: new Headers(headers) };
}

Deno.test("`RequestBudget` recovers when the window has passed", () => {
  let now = 0;
  const budget = new RequestBudget({ monotonicMs: () => now });
  const form = {
    "x-ratelimit-limit": "60, 60;w=3600",
    "x-ratelimit-remaining": "6",
    "x-ratelimit-reset": "90",
  };
  budget.note(answer(200, form));
  assert.equal(budget.stretch, 5);
  budget.note(answer(200));
  assert.equal(budget.stretch, 5, "an answer without headers changes nothing");
  now = 90_000;
  assert.equal(budget.stretch, 1);
});

Deno.test("`RequestBudget` takes up better news at once", () => {
  const budget = new RequestBudget({ monotonicMs: () => 0 });
  budget.note(answer(200, { "x-ratelimit-limit": "1000", "x-ratelimit-nearlimit": "true" }));
  assert.equal(budget.stretch, 4);
  budget.note(answer(200, { "x-ratelimit-limit": "1000", "x-ratelimit-nearlimit": "false" }));
  assert.equal(budget.stretch, 1);
});

Deno.test("`RequestBudget` forgets refusals after ten minutes and requests after an hour", () => {
  let now = 0;
  const budget = new RequestBudget({ monotonicMs: () => now });
  for (let count = 0; count < 160; count++) budget.count();
  budget.note(answer(429));
  budget.note(answer(429));
  budget.note(answer(429));
  assert.equal(budget.stretch, 8);
  now = 600_000;
  assert.equal(budget.stretch, 4);
  now = 3_600_000;
  assert.equal(budget.stretch, 1);
  assert.equal(budget.requests, 160);
});
