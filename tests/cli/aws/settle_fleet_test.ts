import assert from "node:assert/strict";
import { noFleet, settleFleet } from "../../../cli/aws/settle_fleet.ts";
import type { LocalCloud } from "../../../scripts/local_cloud/start_local_cloud.ts";
import { recordedLog } from "../../fixtures/recorded_log.ts";
import { FLEET, FLEET_ARN } from "../../fixtures/servers/fleet.ts";
import { type FleetStart, startOnFleet } from "./fleet_start.ts";

const asked = (cloud: LocalCloud) => cloud.requests.count({ call: "BatchGetFleets" });

Deno.test("`start()` asks once for the ARN of a fleet that is given by its name, and sends that", async () => {
  await startOnFleet({}, ({ code, stderr }, cloud) => {
    assert.equal(code, 0, stderr);
    assert.deepEqual(cloud.codeBuild.builds.map(({ input }) => input.fleetOverride), [{
      fleetArn: FLEET_ARN,
    }]);
    assert.equal(asked(cloud), 1);
    assert.match(stderr, /size the project's, image the project's, fleet builders$/m);
    assert.match(stderr, /Fleet builders: LINUX_CONTAINER BUILD_GENERAL1_LARGE, 1 machine$/m);
    assert.doesNotMatch(stderr, /a minute/);
  });
});

Deno.test("`start()` asks nobody about a fleet that is given by its ARN", async () => {
  const faults: FleetStart["faults"] = [{ call: "BatchGetFleets", kind: "forbidden", times: Infinity }];
  await startOnFleet({ args: ["--fleet", FLEET_ARN], faults }, ({ code, stderr }, cloud) => {
    assert.equal(code, 0, stderr);
    assert.deepEqual(cloud.codeBuild.builds.map(({ fleetArn }) => fleetArn), [FLEET_ARN]);
    assert.equal(asked(cloud), 0);
  });
});

const REFUSED: [what: string, start: FleetStart, code: number, said: RegExp][] = [
  [
    "there is no fleet of that name",
    { args: ["--fleet", "buildres"] },
    4,
    /^error: There is no fleet «buildres» in eu-central-1 of this account\nhint: .*list-fleets/m,
  ],
  [
    "nobody may ask for its ARN",
    { faults: [{ call: "BatchGetFleets", kind: "forbidden", times: Infinity }] },
    3,
    /^error: Cannot look up fleet «builders»: .*\nhint: give --fleet or CODEBUILD_FLEET the fleet's ARN.*allow codebuild:BatchGetFleets on arn:aws:codebuild:eu-central-1:123456789012:fleet\/builders:\*/m,
  ],
  [
    "its machines are of another architecture than the image",
    {
      fleet: { environmentType: "ARM_CONTAINER" },
      args: ["--fleet", "builders", "--image", "aws/codebuild/standard:7.0"],
    },
    2,
    /^error: Cannot use --fleet or CODEBUILD_FLEET: image aws\/codebuild\/standard:7.0 runs on .* not on ARM_CONTAINER, which fleet builders/m,
  ],
  [
    "its machines are of another type than the one asked for",
    { args: ["--fleet", "builders", "--environment-type", "LINUX_GPU_CONTAINER"] },
    2,
    /fleet builders is of LINUX_CONTAINER, not of LINUX_GPU_CONTAINER/,
  ],
];

for (const [what, start, code, said] of REFUSED) {
  Deno.test(`\`start()\` starts no build on a fleet where ${what}`, async () => {
    await startOnFleet(start, (run, cloud) => {
      assert.equal(run.code, code, run.stderr);
      assert.match(run.stderr, said);
      assert.equal(cloud.codeBuild.builds.length, 0);
    });
  });
}

Deno.test("`start()` takes the fleet's type for an image that runs on several, and warns of another size", async () => {
  const args = ["--fleet", "builders", "--image", "aws/codebuild/standard:7.0", "--compute-type", "small"];
  await startOnFleet(
    { fleet: { environmentType: "LINUX_GPU_CONTAINER" }, args },
    ({ code, stderr }, cloud) => {
      assert.equal(code, 0, stderr);
      assert.equal(cloud.codeBuild.builds[0]?.input.environmentTypeOverride, "LINUX_GPU_CONTAINER");
      assert.match(
        stderr,
        /warning: Fleet builders is of BUILD_GENERAL1_LARGE, and --compute-type asks for BUILD_GENERAL1_SMALL/,
      );
    },
  );
});

Deno.test("`start --no-runner` runs on a fleet, too", async () => {
  const args = ["start", "--no-runner", "--fleet", "builders", "--timeout", "5"];
  await startOnFleet({ args, codeBuild: { minuteMs: 200 } }, ({ stderr }, cloud) => {
    assert.deepEqual(cloud.codeBuild.builds.map(({ fleetArn }) => fleetArn), [FLEET_ARN], stderr);
  });
});

Deno.test("`settleFleet()` leaves a configuration without a fleet as it is", async () => {
  const config = {
    region: "eu-west-1",
    fleet: undefined,
    image: "a",
    environmentType: undefined,
    computeType: undefined,
  };
  const session = { call: () => assert.fail("nobody is to be asked") };
  const { log } = recordedLog();
  const settled = await settleFleet({
    config: { ...config, webIdentity: undefined, fleetArn: undefined },
    session,
    log,
    signal: new AbortController().signal,
  });
  assert.equal(settled.fleetArn, undefined);
  assert.equal(noFleet("f1", "eu-west-1").exitCode, 4);
});

Deno.test("`settleFleet()` warns of more machines than the fleet can have at once", async () => {
  const config = { region: "eu-central-1", fleet: FLEET.name, fleetArn: undefined, image: undefined };
  const types = { environmentType: undefined, computeType: undefined, webIdentity: undefined };
  const warned = async (fleet: object, machines: number) => {
    const session = {
      call: () => Promise.resolve({ ...FLEET, arn: FLEET_ARN, ...fleet }) as Promise<never>,
    };
    const { log, text } = recordedLog();
    const { signal } = new AbortController();
    await settleFleet({ config: { ...config, ...types, machines }, session, log, signal });
    return /has 1 machine\b.*, and --machines asks for 3 at once: raise/.test(text());
  };
  assert.equal(await warned({}, 3), true);
  assert.equal(await warned({}, 1), false);
  assert.equal(await warned({ overflowBehavior: "ON_DEMAND" }, 3), false);
  assert.equal(await warned({ scalingConfiguration: { desiredCapacity: 1, maxCapacity: 2 } }, 3), true);
  assert.equal(await warned({ scalingConfiguration: { desiredCapacity: 1, maxCapacity: 3 } }, 3), false);
  assert.equal(await warned({ baseCapacity: 0 }, 1), false);
});
