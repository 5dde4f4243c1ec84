import assert from "node:assert/strict";
import { type MachineOptions, machineProblems } from "../../../cli/options/machine_problems.ts";

const AMI = "aws/codebuild/ami/amazonlinux-x86_64-base:latest";
const ARN = "arn:aws:codebuild:eu-west-1:123456789012:fleet/f1:1";

const CASES: [options: MachineOptions, problem: RegExp | undefined][] = [
  [{}, undefined],
  [{ image: AMI, computeType: "BUILD_GENERAL1_LARGE" }, undefined],
  [{ image: AMI, environmentType: "LINUX_EC2" }, undefined],
  [{ image: AMI, environmentType: "LINUX_CONTAINER" }, /runs on LINUX_EC2, not on LINUX_CONTAINER/],
  [
    { image: "aws/codebuild/standard:7.0", environmentType: "LINUX_EC2" },
    /runs on LINUX_CONTAINER or LINUX_GPU_CONTAINER, not/,
  ],
  [{ image: "debian:12", environmentType: "LINUX_EC2" }, undefined],
  [
    { image: AMI, computeType: "BUILD_GENERAL1_XLARGE" },
    /with LINUX_EC2: on demand it has small, medium and large/,
  ],
  [{ environmentType: "ARM_EC2", computeType: "BUILD_GENERAL1_2XLARGE" }, /with ARM_EC2/],
  [{ image: AMI, computeType: "BUILD_GENERAL1_XLARGE", fleet: "f1" }, undefined],
  [{ computeType: "ATTRIBUTE_BASED_COMPUTE" }, /without --fleet or CODEBUILD_FLEET/],
  [{ computeType: "CUSTOM_INSTANCE_TYPE", fleet: "f1" }, undefined],
  [{ fleet: ARN, region: "eu-west-1" }, undefined],
  [{ fleet: ARN, region: "us-east-1" }, /that fleet is in eu-west-1, and the project in us-east-1/],
  [{ fleet: "f1", region: "us-east-1" }, undefined],
];

for (const [options, problem] of CASES) {
  Deno.test(`\`machineProblems()\` of ${JSON.stringify(options)}`, () => {
    const found = machineProblems(options);
    if (problem === undefined) assert.deepEqual(found, []);
    else assert.match(found.join(), problem);
  });
}
