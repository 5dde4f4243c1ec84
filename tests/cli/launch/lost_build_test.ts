import assert from "node:assert/strict";
import type { KnownBuild } from "../../../shared/aws/aws_codebuild.ts";
import { isFromRequest } from "../../../cli/launch/lost_build.ts";

const NOW = Date.UTC(2026, 0, 1);
const INPUT = {
  projectName: "ci",
  environmentVariablesOverride: [
    { name: "LAUNCHER_STEP_UUID", value: "{step}" },
    { name: "RUNNER_LABEL", value: "a" },
  ],
};

function build(change: Partial<KnownBuild> = {}): KnownBuild {
  const environmentVariables = [
    { name: "OF_THE_PROJECT", value: "x" },
    { name: "LAUNCHER_STEP_UUID", value: "{step}" },
    { name: "RUNNER_LABEL", value: "a" },
  ];
  return {
    id: "ci:1",
    buildComplete: false,
    startTime: new Date(NOW + 1000),
    environment: {
      type: "LINUX_CONTAINER",
      image: "i",
      computeType: "BUILD_GENERAL1_SMALL",
      environmentVariables,
    },
    ...change,
  };
}

Deno.test("`isFromRequest()` knows a build by the variables of its request", () => {
  assert.equal(isFromRequest(build(), INPUT, NOW), true);
});

Deno.test("`isFromRequest()` takes no ended, no old and nobody else's build", () => {
  assert.equal(isFromRequest(build({ buildComplete: true }), INPUT, NOW), false);
  assert.equal(isFromRequest(build({ startTime: new Date(NOW - 3_600_000) }), INPUT, NOW), false);
  const other = {
    ...INPUT,
    environmentVariablesOverride: [{ name: "LAUNCHER_STEP_UUID", value: "{other}" }],
  };
  assert.equal(isFromRequest(build(), other, NOW), false);
  const otherLabel = { ...INPUT, environmentVariablesOverride: [{ name: "RUNNER_LABEL", value: "b" }] };
  assert.equal(isFromRequest(build(), otherLabel, NOW), false);
});

Deno.test("`isFromRequest()` tells the builds of several machines apart", () => {
  const number = (value: string) => ({ name: "LAUNCHER_MACHINE", value });
  const request = (value?: string) => ({
    ...INPUT,
    environmentVariablesOverride: [
      ...INPUT.environmentVariablesOverride,
      ...value === undefined ? [] : [number(value)],
    ],
  });
  const environment = build().environment;
  const of = (value: string) =>
    build({
      environment: {
        ...environment,
        environmentVariables: [...environment?.environmentVariables ?? [], number(value)],
      } as KnownBuild["environment"],
    });
  assert.equal(isFromRequest(of("2"), request("2"), NOW), true);
  assert.equal(isFromRequest(of("3"), request("2"), NOW), false);
  assert.equal(isFromRequest(of("2"), request(), NOW), false, "the first machine's");
  assert.equal(isFromRequest(build(), request("2"), NOW), false);
});
