import assert from "node:assert/strict";
import fc from "fast-check";
import { debtShares, servedForOthers, stillOwed } from "../../../agent/ask/debt_shares.ts";
import type { Lifecycle } from "../../../agent/life/lifecycle_state.ts";
import { begins, COMPANY, ENDS, lifeAfter, OVER, owing } from "./team_lives.ts";

const WANTING = lifeAfter(OVER);
const UNAWARE = lifeAfter();
const SERVING_STRANGERS = lifeAfter(begins("{x}", "{other}"));
const SERVED_STRANGERS = lifeAfter(begins("{x}", "{other}"), ENDS, OVER);
const SERVING = lifeAfter(begins("{a}"));
const OWING_TWO = lifeAfter(OVER, owing(2), COMPANY);
const PAYING = lifeAfter(OVER, owing(1), COMPANY, begins("{x}", "{other}"));
const LEAVING = lifeAfter(OVER, { type: "told to leave", why: "test" });
const GONE = lifeAfter({ type: "told to leave", why: "test" }, { type: "pulse", pulse: "dead" });

const CASES: readonly {
  name: string;
  lives: Lifecycle[];
  elsewhere: number;
  shares: (number | undefined)[];
}[] = [
  {
    name: "nobody owes where nothing ran elsewhere",
    lives: [WANTING, WANTING],
    elsewhere: 0,
    shares: [0, 0],
  },
  { name: "one alone owes all", lives: [WANTING], elsewhere: 3, shares: [3] },
  {
    name: "several owe as evenly as can be",
    lives: [WANTING, WANTING, WANTING],
    elsewhere: 4,
    shares: [2, 1, 1],
  },
  {
    name: "who does not know that it is over has no part",
    lives: [UNAWARE, WANTING],
    elsewhere: 2,
    shares: [undefined, 2],
  },
  { name: "who is at work has no part", lives: [SERVING, WANTING], elsewhere: 2, shares: [undefined, 2] },
  {
    name: "what is being served for others is paid",
    lives: [SERVING_STRANGERS, WANTING, WANTING],
    elsewhere: 2,
    shares: [undefined, 1, 0],
  },
  {
    name: "what was served for others is paid",
    lives: [SERVED_STRANGERS, WANTING],
    elsewhere: 2,
    shares: [1, 0],
  },
  {
    name: "what one owes already is not owed twice",
    lives: [OWING_TWO, WANTING],
    elsewhere: 3,
    shares: [undefined, 1],
  },
  {
    name: "more served than owed is no debt",
    lives: [SERVED_STRANGERS, WANTING],
    elsewhere: 0,
    shares: [0, 0],
  },
  {
    name: "what one pays is not owed by it too",
    lives: [PAYING, WANTING],
    elsewhere: 2,
    shares: [undefined, 1],
  },
  { name: "one that leaves has no part", lives: [LEAVING, WANTING], elsewhere: 2, shares: [undefined, 2] },
  {
    name: "one that is gone owes nothing any more",
    lives: [GONE, WANTING],
    elsewhere: 1,
    shares: [undefined, 1],
  },
];

for (const { name, lives, elsewhere, shares } of CASES) {
  Deno.test(`\`debtShares()\`: ${name}`, () =>
    assert.deepEqual(debtShares(lives.map((life) => structuredClone(life)), elsewhere), shares));
}

Deno.test("shares and what is known of together make up the debt, and differ by one at most", () => {
  const lives = fc.array(
    fc.constantFrom(WANTING, UNAWARE, SERVING_STRANGERS, SERVED_STRANGERS, SERVING, OWING_TWO, PAYING, GONE),
    { minLength: 1, maxLength: 32 },
  ).map((lives) => lives.map((life) => structuredClone(life)));
  fc.assert(fc.property(lives, fc.nat(40), (lives, elsewhere) => {
    const shares = debtShares(lives, elsewhere).filter((share) => share !== undefined);
    if (shares.length === 0) return;
    const paid = lives.reduce((sum, life) => sum + servedForOthers(life), 0);
    const known = lives.reduce((sum, life) => sum + stillOwed(life), 0);
    assert.equal(shares.reduce((sum, share) => sum + share, 0), Math.max(elsewhere - paid - known, 0));
    assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
  }));
});
