import assert from "node:assert/strict";
import fc from "fast-check";
import type { Runner } from "../../../shared/calls/bitbucket_schema.ts";
import {
  type BuildFate,
  judgeLeftover,
  type LeftoverFacts,
  otherBuildOf,
} from "../../../shared/leftovers/leftover_verdict.ts";
import { runnerName } from "../../../shared/leftovers/runner_name.ts";

const NOW = Date.parse("2026-11-21T04:00:00Z");
const OURS = runnerName("app:00000000-0000-4000-8000-000000000001");
const FACTS: LeftoverFacts = { project: "app", now: NOW, build: undefined };
/** A project whose name does not fit into a runner's. */
const LONG = "bitbucket-runner";
const SHORTENED = runnerName(`${LONG}:00000000-0000-4000-8000-000000000001`);
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
  [{ status: "OFFLINE", minutes: 11, name: "codebuild-app-00000000-0000-4000-8000-000000000001" }, true],
];

function isDead(runner: Runner, facts: LeftoverFacts): boolean {
  return judgeLeftover(runner, facts).runner.startsWith("dead");
}

for (const [look, expected] of BY_AGE) {
  const { status, minutes, step, name } = look;
  const what = [status, `${minutes} min`, step && "with a step", name].filter(Boolean).join(", ");
  Deno.test(`\`judgeLeftover()\` ${expected ? "removes" : "keeps"} a runner whose build is unknown: ${what}`, () => {
    assert.equal(isDead(runner(look), FACTS), expected);
  });
}

for (const status of STATUSES) {
  Deno.test(`\`judgeLeftover()\` removes ${status} of a build that has ended, and keeps it of one that runs`, () => {
    for (const step of [true, false]) {
      const ended = judgeLeftover(runner({ status, step }), { ...FACTS, build: "ended" });
      assert.equal(ended.runner, "dead");
      const running = judgeLeftover(runner({ status, step, minutes: 1e6 }), { ...FACTS, build: "running" });
      assert.equal(running.runner, "in use");
    }
  });
}

Deno.test("`judgeLeftover()` goes by the state's time, then the runner's, then its creation", () => {
  const old = minutesAgo(60);
  const fresh = minutesAgo(1);
  const bare = { uuid: "{1}", name: OURS, labels: [] };
  const remove = (one: Runner) => isDead(one, FACTS);
  assert.ok(
    !remove({ ...bare, state: { status: "OFFLINE", updated_on: fresh }, updated_on: old, created_on: old }),
  );
  assert.ok(!remove({ ...bare, state: { status: "OFFLINE" }, updated_on: fresh, created_on: old }));
  assert.ok(remove({ ...bare, state: { status: "OFFLINE" }, created_on: old }));
  assert.ok(!remove({ ...bare, state: { status: "OFFLINE", updated_on: "yesterday" }, created_on: old }));
  const nanoseconds = minutesAgo(60).replace("Z", "123456Z");
  assert.ok(remove({ ...bare, state: { status: "OFFLINE", updated_on: nanoseconds } }));
});

const STRANGERS: readonly (readonly [string, Look, boolean])[] = [
  ["OFFLINE for ten hours", { status: "OFFLINE", minutes: 600 }, false],
  ["OFFLINE and registered 37 hours ago", { status: "OFFLINE", minutes: 37 * 60 }, true],
  ["of an unknown age", { status: "OFFLINE" }, false],
  ["ONLINE and registered 37 hours ago", { status: "ONLINE", minutes: 37 * 60 }, false],
];

for (const [what, look, expected] of STRANGERS) {
  Deno.test(`\`judgeLeftover()\` takes a shortened name whose build CodeBuild does not know for another project's: ${what}`, () => {
    const facts: LeftoverFacts = { ...FACTS, project: LONG, build: "not known" };
    assert.equal(isDead(runner({ ...look, name: SHORTENED }), facts), expected);
  });
}

Deno.test("`judgeLeftover()` goes by age where a whole name's build is not known, or CodeBuild was not asked", () => {
  const look = { status: "OFFLINE", minutes: 11 };
  assert.equal(judgeLeftover(runner(look), { ...FACTS, build: "not known" }).runner, "dead by age");
  const shortened = runner({ ...look, name: SHORTENED });
  assert.equal(judgeLeftover(shortened, { ...FACTS, project: LONG }).runner, "dead by age");
});

const looks = fc.record({
  status: fc.constantFrom(...STATUSES),
  minutes: fc.option(fc.integer({ min: -1000, max: 10_000_000 }), { nil: undefined }),
  step: fc.boolean(),
  name: fc.constantFrom(OURS, "codebuild-app-own", "somebody-else", OURS.replace("app", "app-two")),
});
const answers = fc.constantFrom<BuildFate | undefined>("ended", "running", "not known", undefined);

Deno.test("`judgeLeftover()` never removes what may be alive, whatever else is true", () => {
  fc.assert(fc.property(looks, answers, (look, build) => {
    const one = runner(look);
    if (!isDead(one, { ...FACTS, build })) return;
    assert.equal(one.name, OURS);
    assert.notEqual(build, "running");
    if (build !== "ended") {
      assert.notEqual(one.state.status, "ONLINE");
      assert.equal(one.state.step, undefined);
      assert.ok((look.minutes ?? 0) > 10);
    }
    assert.ok(!isDead(one, { ...FACTS, build, isOwn: ({ name }) => name === OURS }));
  }));
});

Deno.test("`judgeLeftover()` only removes what is worth asking about, and time makes no removal wrong", () => {
  fc.assert(fc.property(looks, answers, fc.nat(1_000_000), (look, build, laterMinutes) => {
    const one = runner(look);
    if (!isDead(one, { ...FACTS, build })) return;
    assert.ok(otherBuildOf(one, FACTS));
    assert.ok(isDead(one, { ...FACTS, build, now: NOW + laterMinutes * 60_000 }));
  }));
});
