import assert from "node:assert/strict";
import { type Meaning, type Member, Team } from "../../../agent/ask/team.ts";
import { startLifecycle } from "../../../agent/life/lifecycle.ts";
import type { LifecycleEvent } from "../../../agent/life/lifecycle_state.ts";
import { MULTI_STEP } from "./team_lives.ts";

interface Told extends Member {
  readonly told: Meaning[];
}

function team(count: number): { team: Team; members: Told[] } {
  const team = new Team();
  const members = Array.from({ length: count }, (_, index): Told => {
    const told: Meaning[] = [];
    const life = startLifecycle(MULTI_STEP, 0);
    return { uuid: `{r${index + 1}}`, life, told, tell: (meaning) => void told.push(meaning) };
  });
  for (const member of members) team.join(member);
  return { team, members };
}

const ONLINE: LifecycleEvent = { type: "online" };

Deno.test("a look that one asks for serves all who ask meanwhile, and is told to the others once", async () => {
  const { team: one, members: [a, b, c] } = team(3);
  assert.ok(a && b && c);
  const answer = Promise.withResolvers<Meaning>();
  let looks = 0;
  const look = () => {
    looks++;
    return answer.promise;
  };
  const asked = [one.ask("pipeline", a, look), one.ask("pipeline", b, look)];
  answer.resolve(() => ONLINE);
  assert.deepEqual(await Promise.all(asked), [ONLINE, ONLINE]);
  assert.equal(looks, 1);
  assert.deepEqual([a, b, c].map(({ told }) => told.length), [0, 0, 1]);
  assert.deepEqual(c.told[0]?.(c), ONLINE);
});

Deno.test("whoever asks in the moment of an answer gets it once, or asks anew, and is told of later ones", async () => {
  const { team: one, members: [a, b] } = team(2);
  assert.ok(a && b);
  // As many turns of the loop as an answer may take on its way.
  for (let turns = 0; turns < 12; turns++) {
    let looks = 0;
    b.told.length = 0;
    const look = () => {
      looks++;
      return Promise.resolve<Meaning>(() => ONLINE);
    };
    const first = one.ask("pipeline", a, look);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    await Promise.all([first, one.ask("pipeline", b, look)]);
    assert.equal(b.told.length + 1, looks, `after ${turns} turns`);
    b.told.length = 0;
    await one.ask("pipeline", a, look);
    assert.equal(b.told.length, 1, `told of the next one, after ${turns} turns`);
  }
});

Deno.test("what an answer does not mean anything to is not told", async () => {
  const { team: one, members: [a, b, c] } = team(3);
  assert.ok(a && b && c);
  const event = await one.ask(
    "others",
    a,
    () => Promise.resolve((member) => member === b ? ONLINE : undefined),
  );
  assert.equal(event, undefined);
  assert.deepEqual([a, b, c].map(({ told }) => told.length), [0, 1, 0]);
});

Deno.test("a look that fails fails for all who wait for it, and the next one is made anew", async () => {
  const { team: one, members: [a, b] } = team(2);
  assert.ok(a && b);
  const failing = () => Promise.reject<Meaning>(new Error("Bitbucket is away"));
  const outcomes = await Promise.allSettled([
    one.ask("pipeline", a, failing),
    one.ask("pipeline", b, failing),
  ]);
  assert.deepEqual(outcomes.map(({ status }) => status), ["rejected", "rejected"]);
  assert.deepEqual([a.told.length, b.told.length], [0, 0]);
  assert.deepEqual(await one.ask("pipeline", b, () => Promise.resolve(() => ONLINE)), ONLINE);
  assert.equal(await one.once("steps", a, () => Promise.resolve(7)), 7);
});
