import assert from "node:assert/strict";
import fc from "fast-check";
import type { Runner } from "../../../shared/calls/bitbucket_schema.ts";
import { judgeLeftover, mayBeLeftover } from "../../../agent/leftovers/leftover_verdict.ts";
import { runnerName } from "../../../shared/leftovers/runner_name.ts";

const NOW = Date.parse("2026-11-21T04:00:00Z");
const OURS = runnerName("app:00000000-0000-4000-8000-000000000001");
const FACTS = { project: "app", ownRunnerName: undefined, now: NOW, buildEnded: undefined };
const STATUSES = [
  "UNREGISTERED",
  "ONLINE",
  "OFFLINE",
  "DISABLED",
  "ENABLED",
  "UNHEALTHY",
  "BRAND_NEW",
] as const;

function minutesAgo(minutes: number): string {
  return new Date(NOW - minutes * 60_000).toISOString();
}

interface Look {
  readonly name?: string;
  readonly status: string;
  readonly minutes?: number | undefined;
  readonly step?: boolean;
}

function runner({ name = OURS, status, minutes, step = false }: Look): Runner {
  const time = minutes === undefined ? {} : { updated_on: minutesAgo(minutes) };
  const created = minutes === undefined ? {} : { created_on: minutesAgo(minutes) };
  return {
    uuid: "{1}",
    name,
    labels: [],
    state: { status, ...time, ...(step ? { step: { uuid: "{2}" } } : {}) },
    ...created,
  };
}

const BY_AGE: readonly (readonly [Look, boolean])[] = [
  [{ status: "OFFLINE", minutes: 9 }, false],
  [{ status: "OFFLINE", minutes: 11 }, true],
  [{ status: "OFFLINE", minutes: -5 }, false],
  [{ status: "OFFLINE" }, false],
  [{ status: "UNREGISTERED", minutes: 29 }, false],
  [{ status: "UNREGISTERED", minutes: 31 }, true],
  [{ status: "UNREGISTERED" }, false],
  [{ status: "DISABLED", minutes: 35 * 60 }, false],
  [{ status: "DISABLED", minutes: 37 * 60 }, true],
  [{ status: "ONLINE", minutes: 1_000_000 }, false],
  [{ status: "ENABLED", minutes: 1_000_000 }, false],
  [{ status: "UNHEALTHY", minutes: 1_000_000 }, false],
  [{ status: "BRAND_NEW", minutes: 1_000_000 }, false],
  [{ status: "OFFLINE", minutes: 1_000_000, step: true }, false],
  [{ status: "OFFLINE", minutes: 1_000_000, name: "my-own-runner" }, false],
  [{ status: "OFFLINE", minutes: 1_000_000, name: OURS.replace("app", "app-two") }, false],
  [{ status: "OFFLINE", minutes: 1_000_000, name: "codebuild-app-1" }, false],
];

for (const [look, expected] of BY_AGE) {
  const { status, minutes, step, name } = look;
  const what = [status, `${minutes} min`, step && "with a step", name].filter(Boolean).join(", ");
  Deno.test(`\`judgeLeftover()\` ${expected ? "removes" : "keeps"} a runner whose build is unknown: ${what}`, () => {
    assert.equal(judgeLeftover(runner(look), FACTS).remove, expected);
  });
}

for (const status of STATUSES) {
  Deno.test(`\`judgeLeftover()\` removes ${status} of a build that has ended, and keeps it of one that runs`, () => {
    for (const step of [true, false]) {
      assert.ok(judgeLeftover(runner({ status, step }), { ...FACTS, buildEnded: true }).remove);
      assert.ok(
        !judgeLeftover(runner({ status, step, minutes: 1e6 }), { ...FACTS, buildEnded: false }).remove,
      );
    }
  });
}

Deno.test("`judgeLeftover()` goes by the state's time, then the runner's, then its creation", () => {
  const old = minutesAgo(60);
  const fresh = minutesAgo(1);
  const bare = { uuid: "{1}", name: OURS, labels: [] };
  const remove = (one: Runner) => judgeLeftover(one, FACTS).remove;
  assert.ok(
    !remove({ ...bare, state: { status: "OFFLINE", updated_on: fresh }, updated_on: old, created_on: old }),
  );
  assert.ok(!remove({ ...bare, state: { status: "OFFLINE" }, updated_on: fresh, created_on: old }));
  assert.ok(remove({ ...bare, state: { status: "OFFLINE" }, created_on: old }));
  assert.ok(!remove({ ...bare, state: { status: "OFFLINE", updated_on: "yesterday" }, created_on: old }));
  const nanoseconds = minutesAgo(60).replace("Z", "123456Z");
  assert.ok(remove({ ...bare, state: { status: "OFFLINE", updated_on: nanoseconds } }));
});

const looks = fc.record({
  status: fc.constantFrom(...STATUSES),
  minutes: fc.option(fc.integer({ min: -1000, max: 10_000_000 }), { nil: undefined }),
  step: fc.boolean(),
  name: fc.constantFrom(OURS, "codebuild-app-own", "somebody-else", OURS.replace("app", "app-two")),
});
const answers = fc.constantFrom(true, false, undefined);

Deno.test("`judgeLeftover()` never removes what may be alive, whatever else is true", () => {
  fc.assert(fc.property(looks, answers, (look, buildEnded) => {
    const one = runner(look);
    const verdict = judgeLeftover(one, { ...FACTS, buildEnded });
    if (!verdict.remove) return;
    assert.equal(one.name, OURS);
    assert.notEqual(buildEnded, false);
    if (buildEnded === undefined) {
      assert.notEqual(one.state.status, "ONLINE");
      assert.equal(one.state.step, undefined);
      assert.ok((look.minutes ?? 0) > 10);
    }
    assert.ok(!judgeLeftover(one, { ...FACTS, buildEnded, ownRunnerName: OURS }).remove);
  }));
});

Deno.test("`judgeLeftover()` only removes what is worth asking about, and time makes no removal wrong", () => {
  fc.assert(fc.property(looks, answers, fc.nat(1_000_000), (look, buildEnded, laterMinutes) => {
    const one = runner(look);
    if (!judgeLeftover(one, { ...FACTS, buildEnded }).remove) return;
    assert.ok(mayBeLeftover(one, FACTS, { online: true }));
    if (buildEnded === undefined) assert.ok(mayBeLeftover(one, FACTS, { online: false }));
    const later = { ...FACTS, buildEnded, now: NOW + laterMinutes * 60_000 };
    assert.ok(judgeLeftover(one, later).remove);
  }));
});
