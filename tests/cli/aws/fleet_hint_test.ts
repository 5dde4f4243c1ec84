import assert from "node:assert/strict";
import { seenFleet } from "../../../cli/aws/fleet_hint.ts";
import { FLEET_ARN } from "../../fixtures/servers/fleet.ts";
import { type FleetStart, startOnFleet } from "./fleet_start.ts";

const BY_ARN = ["--fleet", FLEET_ARN];
const HINTS: [what: string, start: FleetStart, hint: RegExp][] = [
  [
    "is being deleted",
    { fleet: { status: { statusCode: "DELETING" } }, args: BY_ARN },
    /^hint: Fleet builders is being deleted/m,
  ],
  [
    "is not there",
    { args: ["--fleet", `${FLEET_ARN}0`] },
    /^hint: check --fleet or CODEBUILD_FLEET: aws codebuild list-fleets/m,
  ],
  [
    "is of another type than the project",
    { fleet: { environmentType: "ARM_CONTAINER" }, args: BY_ARN },
    /^hint: the fleet is of ARM_CONTAINER BUILD_GENERAL1_LARGE: set --environment-type/m,
  ],
  [
    "may not be looked at",
    {
      fleet: { status: { statusCode: "DELETING" } },
      args: BY_ARN,
      faults: [{ call: "BatchGetFleets", kind: "forbidden", times: Infinity }],
    },
    /^hint: see that the fleet is there, ACTIVE/m,
  ],
];

for (const [what, start, hint] of HINTS) {
  Deno.test(`\`withFleetHint()\` has the hint that fits when StartBuild refuses a fleet that ${what}`, async () => {
    await startOnFleet(start, ({ code, stderr }, cloud) => {
      assert.equal(code, 4, stderr);
      assert.match(stderr, /^error: Cannot call StartBuild: .*InvalidInputException/m);
      assert.match(stderr, hint);
      assert.equal(cloud.requests.count({ call: "BatchGetFleets" }), 1);
    });
  });
}

Deno.test("`seenFleet()` lets nothing but AWS's answers count as unseen", async () => {
  const session = { call: () => Promise.reject(new Error("interrupted")) };
  await assert.rejects(seenFleet(session, "f1", new AbortController().signal), { message: "interrupted" });
});
