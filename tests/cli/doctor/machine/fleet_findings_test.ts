import assert from "node:assert/strict";
import { fleetFindings, seenFleet } from "../../../../cli/doctor/machine/fleet_findings.ts";
import { awsCallError } from "../../../../shared/aws/aws_errors.ts";
import type { Fleet } from "../../../../shared/aws/aws_codebuild.ts";
import { sampleConfig, verdicts } from "../sample_config.ts";

const ARN = "arn:aws:codebuild:eu-west-1:123456789012:fleet/f1:1";
const FLEET: Fleet = {
  name: "f1",
  arn: ARN,
  environmentType: "LINUX_CONTAINER",
  computeType: "BUILD_GENERAL1_LARGE",
  baseCapacity: 2,
  status: { statusCode: "ACTIVE" },
};

const CASES: [
  what: string,
  env: Record<string, string>,
  fleet: Fleet | undefined,
  verdict: string,
  said: RegExp,
][] = [
  [
    "as it should be",
    { CODEBUILD_FLEET: "f1" },
    FLEET,
    "ok fleet",
    /f1 is ACTIVE: .* 2 machines, overflow QUEUE/,
  ],
  ["missing", { CODEBUILD_FLEET: "f1" }, undefined, "FAIL fleet", /no fleet «f1» in eu-west-1/],
  ["being deleted", {}, { ...FLEET, status: { statusCode: "DELETING" } }, "FAIL fleet", /is being deleted/],
  ["without machines", {}, { ...FLEET, baseCapacity: 0 }, "FAIL fleet", /has no machines/],
  [
    "of another type",
    { CODEBUILD_ENVIRONMENT_TYPE: "ARM_CONTAINER" },
    FLEET,
    "FAIL fleet",
    /is of LINUX_CONTAINER, not of/,
  ],
];

for (const [what, env, fleet, verdict, said] of CASES) {
  Deno.test(`the fleet: ${what}`, () => {
    const findings = fleetFindings(sampleConfig(env), { fleet: "f1", answer: { value: fleet } });
    assert.deepEqual(verdicts(findings), [verdict]);
    assert.match(findings.map(({ detail }) => detail).join(), said);
  });
}

Deno.test("the fleet: one that may not be looked at fails a start that gives its name, and no other", () => {
  const details = { name: "AccessDeniedException", $fault: "client", $metadata: { httpStatusCode: 400 } };
  const answer = { error: awsCallError("BatchGetFleets", Object.assign(new Error("no"), details)) };
  const found = (env: Record<string, string>, fleet: string) =>
    fleetFindings(sampleConfig(env), { fleet, answer });
  const [byName] = found({ CODEBUILD_FLEET: "f1" }, "f1");
  assert.equal(byName?.verdict, "FAIL");
  assert.match(byName?.remedy ?? "", /give --fleet the fleet's ARN/);
  assert.deepEqual(verdicts(found({ CODEBUILD_FLEET: ARN }, ARN)), ["unknown fleet"]);
  assert.deepEqual(verdicts(found({}, ARN)), ["unknown fleet"]);
  assert.deepEqual(fleetFindings(sampleConfig(), undefined), []);
  assert.equal(seenFleet({ fleet: ARN, answer }), undefined);
});
