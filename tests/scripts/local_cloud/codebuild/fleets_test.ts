import assert from "node:assert/strict";
import { BatchGetFleetsCommand, StartBuildCommand, StopBuildCommand } from "@aws-sdk/client-codebuild";
import type { CodeBuildFleet } from "../../../../scripts/local_cloud/codebuild/fleets.ts";
import type { LocalCloud } from "../../../../scripts/local_cloud/start_local_cloud.ts";
import { eventually } from "../../../fixtures/eventually.ts";
import { awsClients, withLocalCloud } from "../../../fixtures/programs/local_cloud.ts";
import { FLEET, FLEET_ARN } from "../../../fixtures/servers/fleet.ts";

const SLEEP = "version: 0.2\nphases:\n  build:\n    commands:\n      - sleep 60\n";

async function withFleet(
  fleet: Partial<CodeBuildFleet>,
  body: (cloud: LocalCloud, client: ReturnType<typeof awsClients>["codeBuild"]) => Promise<void>,
): Promise<void> {
  const codeBuild = { fleets: [{ ...FLEET, ...fleet }], concurrentBuilds: 1 };
  await withLocalCloud({ codeBuild, projects: [{ name: "ci" }] }, async (cloud) => {
    const { codeBuild: client } = awsClients(cloud);
    try {
      await body(cloud, client);
    } finally {
      client.destroy();
    }
  });
}

const start = (fleetArn: string | undefined, more = {}) =>
  new StartBuildCommand({
    projectName: "ci",
    buildspecOverride: SLEEP,
    ...(fleetArn === undefined ? {} : { fleetOverride: { fleetArn } }),
    ...more,
  });

Deno.test("BatchGetFleets knows fleets by name and by ARN, and names those that are not there", async () => {
  await withFleet({ maxCapacity: 3 }, async (_, client) => {
    const { fleets, fleetsNotFound } = await client.send(
      new BatchGetFleetsCommand({ names: ["builders", FLEET_ARN, "x1"] }),
    );
    assert.deepEqual(fleets?.map(({ arn }) => arn), [FLEET_ARN, FLEET_ARN]);
    assert.deepEqual(fleetsNotFound, ["x1"]);
    const [fleet] = fleets ?? [];
    assert.equal(fleet?.status?.statusCode, "ACTIVE");
    assert.equal(fleet?.scalingConfiguration?.maxCapacity, 3);
    await assert.rejects(client.send(new BatchGetFleetsCommand({ names: [] })), {
      name: "InvalidInputException",
    });
  });
});

const REFUSED: [what: string, fleet: Partial<CodeBuildFleet>, arn: string, more: object, message: RegExp][] =
  [
    ["a fleet's name", {}, "builders", {}, /Invalid fleetOverride: "builders" is not the ARN/],
    ["an ARN without the id", {}, FLEET_ARN.replace(/:[^:]*$/, ""), {}, /is not the ARN/],
    ["a fleet that is not there", {}, `${FLEET_ARN}0`, {}, /is not the ARN of a fleet of this account/],
    [
      "a fleet that is being deleted",
      { status: { statusCode: "DELETING" } },
      FLEET_ARN,
      {},
      /status is DELETING/,
    ],
    [
      "a fleet of another type",
      { environmentType: "ARM_CONTAINER" },
      FLEET_ARN,
      {},
      /fleet builders is ARM_CONTAINER/,
    ],
  ];

for (const [what, fleet, arn, more, message] of REFUSED) {
  Deno.test(`StartBuild refuses ${what}`, async () => {
    await withFleet(fleet, async (_, client) => {
      await assert.rejects(client.send(start(arn, more)), { name: "InvalidInputException", message });
    });
  });
}

/** What the builds are doing, in the order in which they were started. */
const phases = (cloud: LocalCloud) => cloud.codeBuild.builds.map(({ currentPhase }) => currentPhase);

Deno.test("Builds beyond a fleet's machines wait, whatever room there is on demand, until one is free", async () => {
  await withFleet({}, async (cloud, client) => {
    const { build: first } = await client.send(start(FLEET_ARN));
    await client.send(start(FLEET_ARN));
    await client.send(start(undefined));
    await eventually("the one on demand runs", () => phases(cloud)[2] === "BUILD" || undefined);
    assert.equal(phases(cloud)[1], "QUEUED");
    await client.send(new StopBuildCommand({ id: first?.id }));
    await eventually("the second one runs", () => phases(cloud)[1] === "BUILD" || undefined);
  });
});

Deno.test("Builds beyond a fleet's machines run on demand where it overflows, as far as there is room", async () => {
  await withFleet({ overflowBehavior: "ON_DEMAND" }, async (cloud, client) => {
    for (let count = 0; count < 3; count++) await client.send(start(FLEET_ARN));
    await eventually(
      "two run",
      () => phases(cloud).filter((phase) => phase === "BUILD").length === 2 || undefined,
    );
    assert.equal(phases(cloud)[2], "QUEUED");
  });
});

Deno.test("Builds wait for a fleet that is not ACTIVE yet", async () => {
  await withFleet({ status: { statusCode: "CREATING" } }, async (cloud, client) => {
    await client.send(start(FLEET_ARN));
    assert.deepEqual(phases(cloud), ["QUEUED"]);
    cloud.codeBuild.changeFleet(FLEET);
    await eventually("it runs", () => phases(cloud)[0] === "BUILD" || undefined);
  });
});
