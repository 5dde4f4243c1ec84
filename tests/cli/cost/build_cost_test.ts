import assert from "node:assert/strict";
import { billedBuild, costOf, costOfAll } from "../../../cli/cost/build_cost.ts";
import { costNotes, costTable } from "../../../cli/cost/cost_report.ts";
import type { KnownBuild } from "../../../shared/aws/aws_codebuild.ts";

const BEGIN = Date.parse("2026-11-28T23:50:00Z");
const NOW = BEGIN + 3_600_000;

interface Told {
  readonly computeType?: string;
  /** When each begins, and the last one ends, in seconds after the start. */
  readonly provisioning?: number;
  readonly build?: readonly [number, number];
  readonly end?: number;
  readonly startMs?: number;
}

function told(
  { computeType = "BUILD_GENERAL1_MEDIUM", provisioning, build, end, startMs = BEGIN }: Told,
): KnownBuild {
  const at = (s: number) => new Date(startMs + s * 1000);
  const phase = (phaseType: string, from: number, to: number | undefined) => ({
    phaseType,
    startTime: at(from),
    ...(to === undefined ? {} : { endTime: at(to) }),
  });
  return {
    id: "ci:1",
    startTime: at(0),
    ...(end === undefined ? {} : { endTime: at(end), buildComplete: true }),
    buildStatus: end === undefined ? "IN_PROGRESS" : "SUCCEEDED",
    environment: { type: "LINUX_CONTAINER", computeType },
    phases: [
      ...(provisioning === undefined ? [] : [phase("PROVISIONING", provisioning, provisioning + 5)]),
      ...(build === undefined ? [] : [phase("BUILD", ...build)]),
    ],
  } as KnownBuild;
}

for (
  const [what, build, minutes, dollars] of [
    ["from provisioning to the end, not from the queue", { provisioning: 600, end: 660 }, 1, 0.01],
    ["a minute that has begun as a whole one", { provisioning: 0, end: 61 }, 2, 0.02],
    ["nothing where it never left the queue", { end: 900 }, 0, 0],
    ["until now while it runs", { provisioning: 0 }, 60, 0.6],
    [
      "another size by its own price",
      { provisioning: 0, end: 60, computeType: "BUILD_GENERAL1_LARGE" },
      1,
      0.02,
    ],
    [
      "minutes alone where no price is known",
      { provisioning: 0, end: 60, computeType: "ATTRIBUTE_BASED_COMPUTE" },
      1,
      0,
    ],
  ] as const
) {
  Deno.test(`a build is billed ${what}`, () => {
    const sum = costOfAll([billedBuild(told(build), NOW)]);
    assert.deepEqual([sum.minutes, sum.dollars], [minutes, dollars]);
  });
}

Deno.test("`costOf()` sums up by day in UTC, each build rounded by itself, with the share outside BUILD", () => {
  const builds = [
    told({ provisioning: 0, build: [20, 80], end: 100 }),
    told({ provisioning: 0, build: [50, 95], end: 100 }),
    told({ provisioning: 0, end: 10, startMs: BEGIN + 900_000 }),
  ].map((build) => billedBuild(build, NOW));
  const days = costOf(builds, "day");
  assert.deepEqual(
    days.map(({ group, builds, minutes, overheadShare }) => [group, builds, minutes, overheadShare]),
    [["2026-11-28", 2, 4, 1 - 105 / 200], ["2026-11-29", 1, 1, 1]],
  );
  const lines = costTable(days, costOfAll(builds), "day");
  assert.match(lines[1] ?? "", /^2026-11-28 +2 +4 +\$0\.04 +48 %$/);
});

Deno.test("a sum is marked where a price in it is not from AWS's own page", () => {
  const likely = billedBuild(told({ provisioning: 0, end: 60, computeType: "BUILD_GENERAL1_XLARGE" }), NOW);
  const certain = billedBuild(told({ provisioning: 0, end: 60 }), NOW);
  assert.equal(costOfAll([certain]).certain, true);
  assert.equal(costOfAll([certain, likely]).certain, false);
  assert.match(costTable([], costOfAll([likely]), "day")[1] ?? "", / ~\$0\.08 /);
});

Deno.test("Builds on a fleet have no price by the minute, and the notes say what is paid for", () => {
  const fleetArn = "arn:aws:codebuild:us-east-1:123456789012:fleet/builders:1";
  const build = told({ provisioning: 0, end: 90 });
  const onFleet = { ...build, environment: { ...build.environment, fleet: { fleetArn } } } as KnownBuild;
  const total = costOfAll([billedBuild(onFleet, NOW)]);
  assert.equal(total.dollars, 0);
  assert.deepEqual([...total.unpriced], [["fleet builders", 2]]);
  assert.match(
    costNotes(total, "us-east-1").join("\n"),
    /Fleet builders is paid for as long as it has machines/,
  );
});
