import assert from "node:assert/strict";
import { fleetMismatch, fleetTrouble, machineCount, queuedOnFleet } from "../../../cli/aws/fleet_words.ts";
import type { Fleet } from "../../../shared/aws/aws_codebuild.ts";

const FLEET: Fleet = {
  name: "f1",
  environmentType: "LINUX_CONTAINER",
  baseCapacity: 2,
  overflowBehavior: "QUEUE",
  status: { statusCode: "ACTIVE" },
};

const TROUBLES: [change: Partial<Fleet>, said: RegExp | undefined][] = [
  [{}, undefined],
  [{ status: undefined }, undefined],
  [{ status: { statusCode: "CREATING" } }, /^Fleet f1 is being created \(CREATING\); builds wait/],
  [{ status: { statusCode: "UPDATING" } }, /is being updated/],
  [{ status: { statusCode: "ROTATING" } }, /exchanges its machines/],
  [{ status: { statusCode: "PENDING_DELETION" } }, /is about to be deleted.*; name another/],
  [{ status: { statusCode: "DELETING" } }, /is being deleted/],
  [
    { status: { statusCode: "CREATE_FAILED", message: "no subnet\nmore" } },
    /could not be created.*: no subnet[^]*; see the fleet/,
  ],
  [{ status: { statusCode: "UPDATE_ROLLBACK_FAILED" } }, /is broken since an update/],
  [
    { status: { statusCode: "ACTIVE", context: "INSUFFICIENT_CAPACITY" } },
    /^Fleet f1 gets no machines, since AWS has none of their kind at the moment \(ACTIVE\); give the fleet another/,
  ],
  [
    { status: { statusCode: "ACTIVE", context: "ACTION_REQUIRED", message: "Renew it" } },
    /waits for somebody.*: Renew it/,
  ],
  [{ baseCapacity: 0 }, /has no machines; raise its capacity/],
  [{ baseCapacity: 0, scalingConfiguration: { maxCapacity: 3 } }, undefined],
];

for (const [change, said] of TROUBLES) {
  Deno.test(`\`fleetTrouble()\` of ${JSON.stringify(change)}`, () => {
    const { message, hint } = fleetTrouble({ ...FLEET, ...change }) ?? {};
    if (said === undefined) assert.equal(message, undefined);
    else assert.match(`${message}; ${hint}`, said);
  });
}

Deno.test("`machineCount()` says how many there are, and how many there may be", () => {
  assert.equal(machineCount({ baseCapacity: 1 }), "1 machine");
  assert.equal(
    machineCount({ baseCapacity: 2, scalingConfiguration: { maxCapacity: 5 } }),
    "2 machines, at most 5",
  );
  assert.equal(
    machineCount({ baseCapacity: 2, scalingConfiguration: { maxCapacity: 5, desiredCapacity: 4 } }),
    "4 machines, at most 5",
  );
});

Deno.test("`queuedOnFleet()` names what the queue comes from: trouble, a full fleet, or the account's quota", () => {
  assert.match(queuedOnFleet({ ...FLEET, status: { statusCode: "CREATING" } }), /is being created/);
  assert.match(
    queuedOnFleet(FLEET),
    /^The machines of fleet f1 \(2 machines\) are busy or starting, .*wait \(overflow QUEUE\): raise/,
  );
  assert.match(
    queuedOnFleet({ ...FLEET, overflowBehavior: "ON_DEMAND" }),
    /overflow ON_DEMAND\): .*account's quota/,
  );
});

const X86 = "aws/codebuild/standard:7.0";
const MISMATCHES: [
  type: Fleet["environmentType"],
  words: Parameters<typeof fleetMismatch>[1],
  said: RegExp | undefined,
][] = [
  ["LINUX_CONTAINER", {}, undefined],
  ["LINUX_CONTAINER", { image: X86 }, undefined],
  ["LINUX_GPU_CONTAINER", { image: X86 }, undefined],
  ["ARM_CONTAINER", { image: "debian:12" }, undefined],
  [
    "ARM_CONTAINER",
    { image: X86 },
    /runs on LINUX_CONTAINER or LINUX_GPU_CONTAINER, not on ARM_CONTAINER, which fleet f1 is of/,
  ],
  ["LINUX_EC2", { image: X86 }, /not on LINUX_EC2/],
  ["LINUX_EC2", { environmentType: "LINUX_CONTAINER" }, /^fleet f1 is of LINUX_EC2, not of LINUX_CONTAINER/],
  ["MAC_ARM", {}, /^no runner runs on fleet f1, which is of MAC_ARM/],
  [undefined, { image: X86 }, undefined],
];

for (const [type, words, said] of MISMATCHES) {
  Deno.test(`\`fleetMismatch()\` of a fleet of ${type} and ${JSON.stringify(words)}`, () => {
    const found = fleetMismatch({ ...FLEET, environmentType: type }, words);
    if (said === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", said);
  });
}
